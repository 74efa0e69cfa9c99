import type { Organisation } from '../../organisations/organisation.entity.js';
import { RoleReferenceDto } from '../../organisations/role.dto.js';
import { displayName } from '../../users/user.entity.js';
import { type Grants, projectRolesOf } from '../grants.js';
import type { InvitationDto } from '../invitation.dto.js';
import type { Invitation } from '../invitation.entity.js';
import type { Inviter } from './issue-context.js';
import type { Row } from './invitation-rows.js';

/** A new row has neither. */
type SentRow = Row & Partial<Pick<Invitation, 'sendCount' | 'createdAt'>>;

interface Surroundings {
  /** By the database's clock, in the transaction that writes the invitation. */
  now: Date;
  /** Null: invitations to the platform. */
  organisation: Pick<Organisation, 'id' | 'shortId' | 'name'> | null;
  inviter: Inviter;
}

/** What reading back an invitation would answer that was sent now, for the first time or again. */
export function toInvitationDto(
  row: SentRow,
  grants: Grants,
  { now, organisation, inviter }: Surroundings,
): InvitationDto {
  const { type, email, givenName, familyName, platformRole, inviteeId, message, locale, redirectUrl } = row;
  return {
    ...{ id: row.id, type, status: 'PENDING', email, givenName, familyName },
    organisation: organisation && { id: organisation.id, shortId: organisation.shortId, name: organisation.name },
    platformRole,
    role: grants.role && RoleReferenceDto.from(grants.role),
    projects: projectRolesOf(grants).sort((a, b) => (a.projectId < b.projectId ? -1 : 1)),
    invitedBy: { type: row.invitedByType, id: row.invitedById, name: nameOf(row, inviter) },
    ...{ inviteeId, message, locale, redirectUrl, metadata: row.metadata },
    delivery: row.mailMessageId === null ? null : { ...QUEUED, nextAttemptAt: now },
    ...{ sendCount: row.sendCount ?? 1, reminder: row.reminder, expiresAt: row.expiresAt },
    ...{ createdAt: row.createdAt ?? now, updatedAt: now },
    ...{ acceptedAt: null, declinedAt: null, revokedAt: null, revokedReason: null },
  };
}

const QUEUED = { status: 'QUEUED', attempts: 0, lastAttemptAt: null, lastError: null } as const;

const nameOf = ({ invitedByType }: Row, inviter: Inviter): string =>
  invitedByType === 'user' ? displayName(inviter) : inviter.name;
