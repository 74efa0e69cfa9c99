import type { MailContent } from '@usher/mailer';
import type { Language } from '../languages/languages.js';
import type { Letterhead } from '../organisations/letterhead.js';

/** To who answers for an invitation: the person invited asks for a fresh link. */
export function renewalRequestMail(
  language: Language,
  { platform, organisation }: Letterhead,
  email: string,
): MailContent {
  const facts = { email, place: organisation ?? platform };
  const say = (key: string): string => language.say(`mails.renewalRequest.${key}`, facts);
  return {
    subject: say('subject'),
    language: language.tag,
    direction: language.direction,
    heading: say('heading'),
    paragraphs: [say('what'), say('how')],
    closing: [`${say('otherwise')} ${language.say('mails.sentBy', { platform })}`],
  };
}
