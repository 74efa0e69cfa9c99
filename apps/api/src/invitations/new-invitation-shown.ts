import type { Organisation } from '../organisations/organisation.entity.js';
import { RoleReferenceDto } from '../organisations/role.dto.js';
import { displayName } from '../users/user.entity.js';
import { type Grants, projectRolesOf } from './grants.js';
import type { InvitationDto } from './invitation.dto.js';
import type { Invitation } from './invitation.entity.js';
import type { newInvitation } from './new-invitation.js';

/** What is shown of who invites: of a person, and of a key. */
export interface Inviter {
  email: string;
  givenName: string | null;
  familyName: string | null;
  name: string;
}

/** As it stands in its table. */
type Written = ReturnType<typeof newInvitation> & Pick<Invitation, 'inviteeId' | 'mailMessageId'>;

interface Surroundings {
  /** By the database's clock, in the transaction that writes the invitation. */
  now: Date;
  organisation: Pick<Organisation, 'id' | 'shortId' | 'name'>;
  inviter: Inviter;
}

/** What reading back a new invitation would answer. */
export function shownAsNew(row: Written, grants: Grants, { now, organisation, inviter }: Surroundings): InvitationDto {
  const { id, shortId, name } = organisation;
  const { type, email, givenName, familyName, platformRole, inviteeId, message, locale, redirectUrl } = row;
  return {
    ...{ id: row.id, type, status: 'PENDING', email, givenName, familyName },
    organisation: { id, shortId, name },
    platformRole,
    role: grants.role && RoleReferenceDto.from(grants.role),
    projects: projectRolesOf(grants).sort((a, b) => (a.projectId < b.projectId ? -1 : 1)),
    invitedBy: { type: row.invitedByType, id: row.invitedById, name: nameOf(row, inviter) },
    ...{ inviteeId, message, locale, redirectUrl, metadata: row.metadata },
    delivery: row.mailMessageId === null ? null : { ...QUEUED, nextAttemptAt: now },
    ...{ sendCount: 1, reminder: row.reminder, expiresAt: row.expiresAt, createdAt: now, updatedAt: now },
    ...{ acceptedAt: null, declinedAt: null, revokedAt: null, revokedReason: null },
  };
}

const QUEUED = { status: 'QUEUED', attempts: 0, lastAttemptAt: null, lastError: null } as const;

const nameOf = ({ invitedByType }: Written, inviter: Inviter): string =>
  invitedByType === 'user' ? displayName(inviter) : inviter.name;
