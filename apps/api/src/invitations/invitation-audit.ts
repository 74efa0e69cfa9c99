import type { AuditEntry } from '@usher/audit';
import type { Grants } from './grants.js';

/** Whose event it is. */
interface Subject {
  id: string;
  organisationId: string | null;
}

/** An event in the life of an invitation; the address stays in the invitation. */
export const invitationEvent = (
  action: string,
  { id, organisationId }: Subject,
  change: Pick<AuditEntry, 'before' | 'after' | 'actor'> = {},
): AuditEntry => ({
  action,
  subject: { type: 'invitation', id },
  tenantId: organisationId,
  ...change,
});

export const acceptedEvent = (subject: Subject, userId: string): AuditEntry =>
  invitationEvent('invitation.accepted', subject, { actor: { type: 'user', id: userId } });

/** What somebody became by accepting. */
export function memberEvent(
  action: string,
  { organisationId: tenantId, userId }: { organisationId: string; userId: string },
  change: Pick<AuditEntry, 'before' | 'after'>,
): AuditEntry {
  const by = { type: 'user', id: userId } as const;
  return { action, subject: by, actor: by, tenantId, ...change };
}

/** Somebody but the person invited has seen the secret link. */
export const linkShownEvent = (subject: Subject): AuditEntry => invitationEvent('invitation.link_shown', subject);

export const describeGrants = ({ platformRole, role, projects }: Grants): object => ({
  platformRole,
  role: role?.key ?? null,
  projects: projects.map((grant) => ({ projectId: grant.project.id, role: grant.role.key })),
});
