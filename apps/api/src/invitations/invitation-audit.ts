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

/** Somebody but the person invited has seen the secret link. */
export const linkShownEvent = (subject: Subject): AuditEntry => invitationEvent('invitation.link_shown', subject);

export const describeGrants = ({ platformRole, role, projects }: Grants): object => ({
  platformRole,
  role: role?.key ?? null,
  projects: projects.map((grant) => ({ projectId: grant.project.id, role: grant.role.key })),
});
