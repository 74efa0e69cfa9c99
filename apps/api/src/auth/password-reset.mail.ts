import type { MailContent } from '@usher/mailer';
import type { Language } from '../languages/languages.js';

/** To somebody who asked for a new password. */
export function passwordResetMail(language: Language, platform: string, minutes: number): MailContent {
  const say = (key: string, values?: Record<string, string | number>): string =>
    language.say(`mails.passwordReset.${key}`, values);
  return {
    subject: say('subject', { platform }),
    language: language.tag,
    direction: language.direction,
    heading: say('heading'),
    paragraphs: [say('what', { platform })],
    action: { label: say('action'), path: '/reset', fallback: language.say('mails.fallback') },
    closing: [say('validity', { count: minutes }), say('unexpected')],
  };
}
