import type { MailStatus } from '@usher/mailer';
import type { PlatformRole } from '../access/permissions.js';
import { type PrincipalDto } from '../keys/api-key.dto.js';
import { OrganisationReferenceDto } from '../organisations/organisation.dto.js';
import { RoleReferenceDto } from '../organisations/role.dto.js';
import { type ProjectRoleDto } from '../projects/membership.dto.js';
import type { InvitationGrant } from './invitation-grant.entity.js';
import type { Invitation, InvitationStatus, InvitationType } from './invitation.entity.js';

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

  /** Null when no mail was wanted or possible. */
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

  static from(invitation: Invitation, grants: InvitationGrant[], invitedBy: PrincipalDto | null): InvitationDto {
    return {
      id: invitation.id,
      type: invitation.type,
      status: invitation.currentStatus,
      email: invitation.email,
      givenName: invitation.givenName,
      familyName: invitation.familyName,
      organisation: invitation.organisation && OrganisationReferenceDto.from(invitation.organisation),
      platformRole: invitation.platformRole,
      role: invitation.role && RoleReferenceDto.from(invitation.role),
      projects: grants.map(projectRole),
      invitedBy,
      inviteeId: invitation.inviteeId,
      message: invitation.message,
      locale: invitation.locale,
      redirectUrl: invitation.redirectUrl,
      metadata: invitation.metadata,
      delivery: deliveryOf(invitation),
      sendCount: invitation.sendCount,
      reminder: invitation.reminder,
      expiresAt: invitation.expiresAt,
      createdAt: invitation.createdAt,
      updatedAt: invitation.updatedAt,
      acceptedAt: invitation.acceptedAt,
      declinedAt: invitation.declinedAt,
      revokedAt: invitation.revokedAt,
      revokedReason: invitation.revokedReason,
    };
  }
}

export class InvitationPageDto {
  data: InvitationDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

export const projectRole = ({ projectId, project, role }: InvitationGrant): ProjectRoleDto => ({
  projectId,
  name: project.name,
  role: RoleReferenceDto.from(role),
});

function deliveryOf({ mailMessage }: Invitation): DeliveryDto | null {
  if (!mailMessage) return null;
  const { status, attempts, lastAttemptAt, lastError } = mailMessage;
  return {
    status,
    attempts,
    lastAttemptAt,
    nextAttemptAt: status === 'QUEUED' ? mailMessage.nextAttemptAt : null,
    lastError,
  };
}
