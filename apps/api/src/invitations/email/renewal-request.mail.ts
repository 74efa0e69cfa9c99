import type { MailContent } from '@usher/mailer';
import type { Language } from '../../languages/languages.js';
import { type Letterhead, onLetterhead } from '../../organisations/letterhead.js';

/** To who answers for an invitation: the person invited asks for a fresh link. */
export function renewalRequestMail(language: Language, letterhead: Letterhead, email: string): MailContent {
  const { platform, organisation } = letterhead;
  const facts = { email, place: organisation ?? platform };
  const say = (key: string): string => language.say(`mails.renewalRequest.${key}`, facts);
  return {
    subject: say('subject'),
    ...onLetterhead(language, letterhead),
    heading: say('heading'),
    paragraphs: [say('what'), say('how')],
    closing: [say('otherwise'), language.say('mails.sentBy', { platform })],
  };
}
