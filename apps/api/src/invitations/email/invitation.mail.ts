import type { MailContent } from '@usher/mailer';
import type { Language } from '../../languages/languages.js';
import { type Letterhead, onLetterhead } from '../../organisations/letterhead.js';

export interface InvitationMailFacts {
  /** Null when an API key invited: its name is for those who manage keys. */
  inviter: string | null;
  role: string;
  projects: { name: string; role: string }[];
  message: string | null;
  expiresAt: Date;
}

/** To the person invited: who invites them to what, as what, until when. */
export function invitationMail(language: Language, letterhead: Letterhead, facts: InvitationMailFacts): MailContent {
  const { platform, organisation } = letterhead;
  const { inviter, message, expiresAt } = facts;
  const place = organisation ?? platform;
  const say = (key: string, values?: Record<string, string>): string => language.say(`mails.invitation.${key}`, values);
  const heading = inviter ? say('headingFrom', { inviter, place }) : say('heading', { place });
  return {
    subject: heading,
    ...onLetterhead(language, letterhead),
    heading,
    paragraphs: [say('what', { place, role: language.role(facts.role) }), ...projectsLine(language, facts)],
    ...(message ? { quote: message } : {}),
    action: { label: say('action'), path: '/join', fallback: language.say('mails.fallback') },
    closing: [
      say('validity', { moment: language.moment(expiresAt) }),
      say('unexpected'),
      language.say('mails.sentBy', { platform }),
    ],
    optOut: { label: language.say('mails.optOut'), path: '/opt-out' },
  };
}

function projectsLine(language: Language, { projects }: InvitationMailFacts): string[] {
  if (projects.length === 0) return [];
  const grants = projects.map(({ name, role }) =>
    language.say('mails.invitation.grant', { project: name, role: language.role(role) }),
  );
  return [language.say('mails.invitation.projects', { projects: language.list(grants) })];
}
