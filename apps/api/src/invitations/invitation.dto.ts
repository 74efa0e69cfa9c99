import type { MailStatus } from '@usher/mailer';
import type { PlatformRole } from '../access/permissions.js';
import { type PrincipalDto } from '../keys/api-key.dto.js';
import { type OrganisationReferenceDto } from '../organisations/organisation.dto.js';
import { type RoleReferenceDto } from '../organisations/role.dto.js';
import type { RoleColumns } from '../organisations/role.sql.js';
import { type ProjectRoleDto } from '../projects/membership.dto.js';
import { displayName } from '../users/user.entity.js';
import type { InvitationStatus, InvitationType } from './invitation.entity.js';

/** What became of the latest mail. */
export class DeliveryDto {
  status: MailStatus;

  attempts: number;

  lastAttemptAt: Date | null;

  /** When it is tried again; null when it is not waiting. */
  nextAttemptAt: Date | null;

  /** In readable words. */
  lastError: string | null;
}

/** An invitation as those see it who may read invitations. */
export class InvitationDto {
  /** @format uuid */
  id: string;

  /** Where it was issued. */
  type: InvitationType;

  /** `EXPIRED` as soon as `expiresAt` has passed. */
  status: InvitationStatus;

  email: string;

  givenName: string | null;

  familyName: string | null;

  organisation: OrganisationReferenceDto | null;

  /** Of invitations to the platform. */
  platformRole: PlatformRole | null;

  /** The role in the organisation; null on invitations to the platform or a project. */
  role: RoleReferenceDto | null;

  projects: ProjectRoleDto[];

  /** Who answers for it: who created, changed or resent it last; null when their account is gone. */
  invitedBy: PrincipalDto | null;

  /**
   * The same for every invitation of this address to this organisation; null on invitations to the platform.
   * @format uuid
   */
  inviteeId: string | null;

  message: string | null;

  locale: string;

  redirectUrl: string | null;

  metadata: object;

  /** Null when no mail was wanted or possible, or when it is no longer known, long after the invitation ended. */
  delivery: DeliveryDto | null;

  /** How often it was sent, or its link shown; reminders do not count. */
  sendCount: number;

  /** Whether who has not answered is reminded once before the end. */
  reminder: boolean;

  expiresAt: Date;

  createdAt: Date;

  updatedAt: Date;

  acceptedAt: Date | null;

  declinedAt: Date | null;

  revokedAt: Date | null;

  /** `revoked` by somebody, or why Usher withdrew it, such as `inviter_lost_rights`. */
  revokedReason: string | null;

  /**
   * The secret link; only in the answer to create and resend, when no mail was sent and you hold `invitations:link`.
   * @format uri
   */
  link?: string;

  static from(row: InvitationRow): InvitationDto {
    return {
      id: row.id,
      type: row.type,
      status: row.status,
      email: row.email,
      givenName: row.givenName,
      familyName: row.familyName,
      organisation: organisationOf(row),
      platformRole: row.platformRole,
      role: roleOf(row),
      projects: row.projects ?? [],
      invitedBy: inviterOf(row),
      inviteeId: row.inviteeId,
      message: row.message,
      locale: row.locale,
      redirectUrl: row.redirectUrl,
      metadata: row.metadata,
      delivery: deliveryOf(row),
      sendCount: row.sendCount,
      reminder: row.reminder,
      expiresAt: row.expiresAt,
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
      acceptedAt: row.acceptedAt,
      declinedAt: row.declinedAt,
      revokedAt: row.revokedAt,
      revokedReason: row.revokedReason,
    };
  }
}

/** What the reader's statement answers of an invitation. */
export interface InvitationRow
  extends Omit<InvitationDto, 'organisation' | 'role' | 'projects' | 'invitedBy' | 'delivery' | 'link'>, RoleColumns {
  /** Null: an invitation to the platform. */
  organisationId: string | null;
  organisationShortId: string;
  organisationName: string;
  /** Null: none. */
  projects: ProjectRoleDto[] | null;
  /** Of the person who answers for it; null when it is a key, or their account is gone. */
  userId: string | null;
  userEmail: string;
  userGivenName: string | null;
  userFamilyName: string | null;
  keyId: string | null;
  keyName: string;
  /** Null: there is no mail. */
  mailStatus: MailStatus | null;
  attempts: number;
  lastAttemptAt: Date | null;
  nextAttemptAt: Date | null;
  lastError: string | null;
}

export class InvitationPageDto {
  data: InvitationDto[];

  /** Ask with it as `cursor` for the next page; null on the last. A page looks through 10,000 invitations for what meets its filters, so it may be short, and not be the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

const organisationOf = (row: InvitationRow): OrganisationReferenceDto | null =>
  row.organisationId === null
    ? null
    : { id: row.organisationId, shortId: row.organisationShortId, name: row.organisationName };

const roleOf = (row: InvitationRow): RoleReferenceDto | null =>
  row.roleId === null ? null : { id: row.roleId, key: row.roleKey, name: row.roleName };

function inviterOf(row: InvitationRow): PrincipalDto | null {
  if (row.keyId) return { type: 'api_key', id: row.keyId, name: row.keyName };
  if (!row.userId) return null;
  const person = { email: row.userEmail, givenName: row.userGivenName, familyName: row.userFamilyName };
  return { type: 'user', id: row.userId, name: displayName(person) };
}

function deliveryOf(row: InvitationRow): DeliveryDto | null {
  const { mailStatus: status, attempts, lastAttemptAt, nextAttemptAt, lastError } = row;
  return status && { status, attempts, lastAttemptAt, nextAttemptAt, lastError };
}
