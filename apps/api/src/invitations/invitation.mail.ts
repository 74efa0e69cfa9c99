import type { MailContent } from '@usher/mailer';

export interface InvitationMailFacts {
  platform: string;
  /** Null when an API key invited: its name is for those who manage keys. */
  inviter: string | null;
  /** Null on invitations to the platform. */
  organisation: string | null;
  role: string;
  projects: { name: string; role: string }[];
  message: string | null;
  expiresAt: Date;
}

/** To the person invited: who invites them to what, as what, until when. */
export function invitationMail(facts: InvitationMailFacts): MailContent {
  const place = facts.organisation ?? facts.platform;
  const heading = facts.inviter ? `${facts.inviter} invites you to ${place}` : `You are invited to ${place}`;
  return {
    subject: heading,
    language: 'en',
    heading,
    paragraphs: [`You are invited to join ${place} as ${facts.role}.`, ...projectsLine(facts)],
    ...(facts.message ? { quote: facts.message } : {}),
    action: { label: 'See the invitation', path: '/join' },
    closing: [
      `The link works once, until ${inWords(facts.expiresAt)}. Nothing happens until you accept.`,
      `If you did not expect this, ignore it: you will not be made a member of anything. Sent by ${facts.platform}.`,
    ],
  };
}

function projectsLine({ projects }: InvitationMailFacts): string[] {
  if (projects.length === 0) return [];
  return [`You will also be let into ${projects.map(({ name, role }) => `${name} (${role})`).join(', ')}.`];
}

/** Making one takes longer than all the rest of a mail. */
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

const inWords = (at: Date): string => `${MOMENT.format(at)} UTC`;
