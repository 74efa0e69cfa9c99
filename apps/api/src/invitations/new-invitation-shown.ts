import type { Organisation } from '../organisations/organisation.entity.js';
import type { Role } from '../organisations/role.entity.js';
import type { RoleColumns } from '../organisations/role.sql.js';
import { type Grants, projectRolesOf } from './grants.js';
import { InvitationDto } from './invitation.dto.js';
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
  return InvitationDto.from({
    ...row,
    ...{ status: 'PENDING', sendCount: 1, createdAt: now, updatedAt: now },
    ...{ acceptedAt: null, declinedAt: null, revokedAt: null, revokedReason: null },
    ...{ organisationId: id, organisationShortId: shortId, organisationName: name },
    ...columnsOf(grants.role),
    projects: projectRolesOf(grants).sort((a, b) => (a.projectId < b.projectId ? -1 : 1)),
    userId: row.invitedByType === 'user' ? row.invitedById : null,
    ...{ userEmail: inviter.email, userGivenName: inviter.givenName, userFamilyName: inviter.familyName },
    ...{ keyId: row.invitedByType === 'api_key' ? row.invitedById : null, keyName: inviter.name },
    mailStatus: row.mailMessageId === null ? null : 'QUEUED',
    ...{ attempts: 0, lastAttemptAt: null, nextAttemptAt: now, lastError: null },
  });
}

const columnsOf = (role: Role | null): RoleColumns =>
  role ? { roleId: role.id, roleKey: role.key, roleName: role.name } : { roleId: null, roleKey: '', roleName: '' };
