import type { MailContent } from '@usher/mailer';

/** To a member of the organisation who was put into a project. */
export const addedToProjectMail = (to: {
  platform: string;
  project: string;
  role: string;
  /** Null when an API key did it. */
  by: string | null;
}): MailContent => ({
  subject: `You were added to ${to.project}`,
  language: 'en',
  heading: `You were added to ${to.project}`,
  paragraphs: [
    `${to.by ? `${to.by} added you` : 'You were added'} to ${to.project} as ${to.role}.`,
    'There is nothing to accept: you are in.',
  ],
  closing: [`You get this mail because you have an account at ${to.platform}.`],
});
