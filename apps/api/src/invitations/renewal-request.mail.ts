import type { MailContent } from '@usher/mailer';

/** To who answers for an invitation: the person invited asks for a fresh link. */
export const renewalRequestMail = (facts: { platform: string; email: string; place: string }): MailContent => ({
  subject: `${facts.email} asks for a fresh invitation to ${facts.place}`,
  language: 'en',
  heading: 'A fresh invitation is asked for',
  paragraphs: [
    `${facts.email} opened an invitation to ${facts.place} that you answer for, but its link is no longer open.`,
    'If you still want them in, send the invitation again, or invite them anew.',
  ],
  closing: [`If not, there is nothing to do. Sent by ${facts.platform}.`],
});
