import type { Mail, MailContent } from '@usher/mailer';
import { MEMBER_ROLE, platformRoleName } from '../../access/permissions.js';
import { languageFor } from '../../languages/languages.js';
import type { Letterhead } from '../../organisations/letterhead.js';
import { fullName } from '../../users/user.entity.js';
import type { Grants } from '../grants.js';
import type { Invitation } from '../invitation.entity.js';
import type { invitationMail } from './invitation.mail.js';

/** What a mail says of an invitation. */
export type Mailed = Pick<
  Invitation,
  'id' | 'organisationId' | 'email' | 'givenName' | 'familyName' | 'message' | 'locale' | 'expiresAt'
>;

/** One invitation, what it gives, and its secret. */
export interface Letter {
  invitation: Mailed;
  grants: Grants;
  token: string;
}

/** From whom, on which paper, in which words. */
export interface Stationery {
  letterhead: Letterhead;
  /** Null when an API key invited. */
  inviter: string | null;
  write: typeof invitationMail;
  recipientLimit: number | null;
}

/** The mail that brings somebody their link. */
export function letterOf(
  { invitation, grants, token }: Letter,
  { letterhead, inviter, write, recipientLimit }: Stationery,
): Mail & { sendBefore: Date } {
  const { id, organisationId, email, locale, message, expiresAt } = invitation;
  const facts = { inviter, ...inWords(grants), message, expiresAt };
  return {
    tenantId: organisationId,
    subjectId: id,
    to: { address: email, name: fullName(invitation) },
    content: write(languageFor(locale, letterhead.locale), letterhead, facts),
    token,
    sendBefore: expiresAt,
    recipientLimit,
  };
}

/** Many letters say the same: what differs in nothing but the recipient and their link is written once. */
export function writingOnce(write: Stationery['write']): Stationery['write'] {
  const written = new Map<string, MailContent>();
  return (language, letterhead, facts) => {
    const said = JSON.stringify([language.tag, language.formats, facts]);
    const content = written.get(said) ?? write(language, letterhead, facts);
    written.set(said, content);
    return content;
  };
}

const inWords = ({ platformRole, role, projects }: Grants) => ({
  role: platformRole ? platformRoleName(platformRole) : (role ?? MEMBER_ROLE).name,
  projects: projects.map((grant) => ({ name: grant.project.name, role: grant.role.name })),
});
