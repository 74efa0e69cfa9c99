import type { EntityManager } from 'typeorm';
import type { Platform } from '../platform/platform.entity.js';
import { Organisation } from './organisation.entity.js';

/** In whose name a mail is sent, and how it looks. */
export interface Letterhead {
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
  const organisation = organisationId ? await tx.findOneByOrFail(Organisation, { id: organisationId }) : null;
  return {
    platform: platform.name,
    organisation: organisation?.name ?? null,
    locale: organisation?.settings.defaultLocale ?? platform.defaultLocale,
  };
}
