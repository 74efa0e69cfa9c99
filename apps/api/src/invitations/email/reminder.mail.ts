import type { MailContent } from '@usher/mailer';
import type { Language } from '../../languages/languages.js';
import type { Letterhead } from '../../organisations/letterhead.js';
import { invitationMail, type InvitationMailFacts } from './invitation.mail.js';

/** To who has not answered: the invitation again, and until when it is open. */
export function reminderMail(language: Language, letterhead: Letterhead, facts: InvitationMailFacts): MailContent {
  const invitation = invitationMail(language, letterhead, facts);
  const { inviter, expiresAt } = facts;
  const place = letterhead.organisation ?? letterhead.platform;
  const say = (key: string, values?: Record<string, string>): string => language.say(`mails.reminder.${key}`, values);
  const heading = inviter ? say('headingFrom', { inviter, place }) : say('heading', { place });
  const [, ...others] = invitation.closing;
  return {
    ...invitation,
    subject: say('subject', { heading }),
    heading,
    paragraphs: [say('open', { moment: language.moment(expiresAt) }), ...invitation.paragraphs],
    closing: [say('links'), ...others],
  };
}
