import type { MailContent } from '@usher/mailer';
import type { Language } from '../languages/languages.js';
import { type Letterhead, onLetterhead } from '../organisations/letterhead.js';

export interface AddedToProject {
  project: string;
  role: string;
  /** Null when an API key did it. */
  by: string | null;
}

/** To a member of the organisation who was put into a project. */
export function addedToProjectMail(
  language: Language,
  letterhead: Letterhead,
  { project, role, by }: AddedToProject,
): MailContent {
  const say = (key: string, values?: Record<string, string>): string =>
    language.say(`mails.addedToProject.${key}`, values);
  const facts = { project, role: language.role(role) };
  return {
    subject: say('heading', facts),
    ...onLetterhead(language, letterhead),
    heading: say('heading', facts),
    paragraphs: [by ? say('whatFrom', { ...facts, by }) : say('what', facts), say('in')],
    closing: [say('why', { platform: letterhead.platform })],
  };
}
