import { randomUUID } from 'node:crypto';
import type { Caller } from '../../access/caller.js';
import { hashOf } from '../../access/credential.js';
import { letterheadFrom } from '../../organisations/letterhead.js';
import { RoleReferenceDto } from '../../organisations/role.dto.js';
import type { Role } from '../../organisations/role.entity.js';
import type { RoleColumns } from '../../organisations/role.sql.js';
import { displayName } from '../../users/user.entity.js';
import type { GrantNames, InvitationPlace } from '../grants.js';
import { type Letter, letterOf } from '../invitation-letter.js';
import { newInvitationToken } from '../invitation-token.js';
import type { InvitationRow } from '../invitation.dto.js';
import { invitationMail } from '../invitation.mail.js';
import type { InviteDto } from '../invite.dto.js';
import { newInvitationAt } from '../new-invitation.js';
import { reminderLead, reminderMoment } from '../reminder-moment.js';
import type { Facts, Ordinary } from './shortcut-facts.js';

/** Who invites whom to an organisation. */
export interface Wish {
  caller: Caller;
  place: InvitationPlace & { organisationId: string };
  request: InviteDto & GrantNames;
}

/** The invitation as it will stand in its table, but for the mail; and its secret. */
export function invitationRow({ caller, place, request }: Wish, facts: Facts, { grants }: Ordinary) {
  const { now } = facts;
  const token = newInvitationToken();
  const invitation = newInvitationAt(now, { caller, place, request, grants }, facts);
  return {
    token,
    row: {
      ...invitation,
      inviteeId: facts.inviteeId ?? randomUUID(),
      tokenHash: hashOf(token),
      linkShown: false,
      remindAt: reminderMoment(invitation, reminderLead(facts)),
      ...{ createdAt: now, updatedAt: now, lastSentAt: now },
    },
  };
}

/** Its mail. */
export const letterFor = (letter: Letter, { caller }: Wish, { platform, organisation, caller: sender }: Facts) =>
  letterOf(letter, {
    letterhead: letterheadFrom(platform, organisation),
    inviter: caller.type === 'user' ? displayName(sender) : null,
    write: invitationMail,
    recipientLimit: platform.limits.mailsPerRecipientPerDay,
  });

/** What reading it back would answer. */
export function shownRow(
  row: ReturnType<typeof invitationRow>['row'],
  { grants: { role, projects } }: Ordinary,
  facts: Facts,
): InvitationRow {
  const { id, shortId, name } = facts.organisation;
  const { caller } = facts;
  return {
    ...row,
    ...{ status: 'PENDING', sendCount: 1 },
    ...{ acceptedAt: null, declinedAt: null, revokedAt: null, revokedReason: null },
    ...{ organisationId: id, organisationShortId: shortId, organisationName: name },
    ...columnsOf(role),
    projects: projects
      .map((grant) => ({
        projectId: grant.project.id,
        name: grant.project.name,
        role: RoleReferenceDto.from(grant.role),
      }))
      .sort((a, b) => (a.projectId < b.projectId ? -1 : 1)),
    userId: row.invitedByType === 'user' ? row.invitedById : null,
    ...{ userEmail: caller.email, userGivenName: caller.givenName, userFamilyName: caller.familyName },
    ...{ keyId: row.invitedByType === 'api_key' ? row.invitedById : null, keyName: caller.name },
    ...{ mailStatus: 'QUEUED', attempts: 0, lastAttemptAt: null, nextAttemptAt: row.createdAt, lastError: null },
  };
}

const columnsOf = (role: Role | null): RoleColumns =>
  role ? { roleId: role.id, roleKey: role.key, roleName: role.name } : { roleId: null, roleKey: '', roleName: '' };
