import type { MailContent } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import type { Language } from '../languages/languages.js';
import { mayShowLogo, type Platform } from '../platform/platform.entity.js';
import { Organisation, type OrganisationSettings, publicName } from './organisation.entity.js';

type Face = Required<Pick<OrganisationSettings, 'logoUrl' | 'accentColour' | 'replyTo' | 'supportEmail'>>;

/** In whose name a mail is sent, and how it looks. */
export interface Letterhead extends Face {
  /** What the installation is called. */
  platform: string;
  /** What the organisation is called; null where none is concerned. */
  organisation: string | null;
  /** The language that its mails are written in unless they say otherwise, a BCP 47 tag. */
  locale: string;
}

/** `organisationId` null: the installation's own. */
export async function letterheadOf(
  tx: EntityManager,
  platform: Platform,
  organisationId: string | null,
): Promise<Letterhead> {
  return letterheadFrom(
    platform,
    organisationId ? await tx.findOneByOrFail(Organisation, { id: organisationId }) : null,
  );
}

/** The same of an organisation that was read already. */
export function letterheadFrom(
  platform: Pick<Platform, 'name' | 'defaultLocale' | 'logoOrigins'>,
  organisation: Pick<Organisation, 'name' | 'settings'> | null,
): Letterhead {
  const settings = organisation?.settings ?? {};
  return {
    platform: platform.name,
    organisation: organisation && publicName(organisation),
    locale: settings.defaultLocale ?? platform.defaultLocale,
    ...faceOf(platform, settings),
  };
}

function faceOf(
  platform: Pick<Platform, 'logoOrigins'>,
  { logoUrl, accentColour = null, replyTo = null, supportEmail = null }: OrganisationSettings,
): Face {
  // The logo's origin may have been taken off the list since.
  const isShown = logoUrl && mayShowLogo(platform, logoUrl);
  return { logoUrl: isShown ? logoUrl : null, accentColour, replyTo, supportEmail };
}

/** What every mail on this letterhead has beside its own words. */
export function onLetterhead(
  language: Language,
  { platform, organisation, logoUrl, accentColour, replyTo, supportEmail }: Letterhead,
): Pick<MailContent, 'language' | 'direction' | 'sender' | 'replyTo' | 'support'> {
  return {
    language: language.tag,
    direction: language.direction,
    sender: { name: organisation ?? platform, logoUrl, accentColour },
    ...(replyTo ? { replyTo } : {}),
    ...(supportEmail ? { support: supportLine(language, supportEmail) } : {}),
  };
}

const SLOT = '\uFFFC';

/** Around the address, not with it: the address stays as it is, to be a link. */
function supportLine(language: Language, address: string): MailContent['support'] {
  const [before, after] = language.say('mails.support', { email: SLOT }).split(SLOT);
  return { before, address, after };
}
