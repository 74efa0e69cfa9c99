import type { MailContent } from '@usher/mailer';

/** To somebody who asked for a new password. */
export const passwordResetMail = (platform: string, minutes: number): MailContent => ({
  subject: `Set a new password for ${platform}`,
  language: 'en',
  heading: 'Set a new password',
  paragraphs: [`Somebody, probably you, asked for a new password for your account at ${platform}.`],
  action: { label: 'Set a new password', path: '/reset' },
  closing: [
    `The link works once, within ${minutes} minutes. Setting a new password signs you out everywhere.`,
    'If it was not you, ignore this mail: your password stays as it is.',
  ],
});
