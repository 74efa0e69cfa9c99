import { loadConfiguration, Secrets } from '@usher/config';
import { type ComposedMail, type MailContent, MailRendering } from '@usher/mailer';
import { passwordResetMail } from '../../apps/api/src/auth/password-reset.mail.js';
import { invitationMail, type InvitationMailFacts } from '../../apps/api/src/invitations/email/invitation.mail.js';
import { reminderMail } from '../../apps/api/src/invitations/email/reminder.mail.js';
import { renewalRequestMail } from '../../apps/api/src/invitations/email/renewal-request.mail.js';
import { type Language, languageFor, TEXTS } from '../../apps/api/src/languages/languages.js';
import type { Letterhead } from '../../apps/api/src/organisations/letterhead.js';
import { addedToProjectMail } from '../../apps/api/src/projects/added-to-project.mail.js';

export const LANGUAGES = [...TEXTS.keys()];
export const LOGO = 'https://assets.example.com/logo.png';
export const LINKS = {
  '/join': 'http://usher.test/join#token=example',
  '/reset': 'http://usher.test/reset#token=example',
};
export const SUPPORT = 'help@acme.example.com';

export const OPT_OUT = 'http://usher.test/opt-out#token=example';

const configuration = loadConfiguration({ PUBLIC_URL: 'http://usher.test', MAIL_FROM: 'Usher <usher@usher.test>' });
const rendering = new MailRendering(configuration, new Secrets('a secret for tests'));

/** What people typed, wherever a mail says it. */
export interface Typed {
  organisation: string;
  inviter: string;
  project: string;
  role: string;
  message: string;
}

/** Everything in the words of one person. */
export const saying = (word: string): Typed => ({
  organisation: word,
  inviter: word,
  project: word,
  role: word,
  message: word,
});

const invited = ({ inviter, project, role, message }: Typed): InvitationMailFacts => ({
  inviter,
  role,
  projects: [{ name: project, role }],
  message,
  expiresAt: new Date(1.8e12),
});

const MAILS: Record<string, (language: Language, letterhead: Letterhead, typed: Typed) => MailContent> = {
  invitation: (language, letterhead, typed) => invitationMail(language, letterhead, invited(typed)),
  reminder: (language, letterhead, typed) => reminderMail(language, letterhead, invited(typed)),
  'invitation without words': (language, letterhead, { role }) =>
    invitationMail(language, letterhead, {
      inviter: null,
      role,
      projects: [],
      message: null,
      expiresAt: new Date(2e12),
    }),
  'added to project': (language, letterhead, { inviter, project, role }) =>
    addedToProjectMail(language, letterhead, { project, role, by: inviter }),
  'renewal request': (language, letterhead) => renewalRequestMail(language, letterhead, 'kim@example.com'),
  'password reset': (language, { platform }) => passwordResetMail(language, platform, 60),
};

export interface ExampleMail extends ComposedMail {
  /** Which mail in which language. */
  name: string;
  language: string;
  content: MailContent;
}

/** Every mail in these languages, as it would leave. */
export function everyMail(typed: Typed, face: Partial<Letterhead> = {}, languages = LANGUAGES): ExampleMail[] {
  const nothing = { logoUrl: null, accentColour: null, replyTo: null, supportEmail: null };
  const letterhead = { platform: 'Usher', organisation: typed.organisation, locale: 'en', ...nothing, ...face };
  return languages.flatMap((tag) =>
    Object.entries(MAILS).map(([name, make]) => {
      const content = make(languageFor(tag), letterhead, typed);
      return {
        ...rendering.compose(content, { action: 'example', optOut: 'example' }),
        name: `${name} in ${tag}`,
        language: tag,
        content,
      };
    }),
  );
}
