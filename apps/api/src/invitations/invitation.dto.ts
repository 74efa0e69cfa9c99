import type { MailStatus } from '@usher/mailer';
import { withMoments } from '@usher/http';
import type { PlatformRole } from '../access/permissions.js';
import { type PrincipalDto } from '../keys/api-key.dto.js';
import { type OrganisationReferenceDto } from '../organisations/organisation.dto.js';
import { type RoleReferenceDto } from '../organisations/role.dto.js';
import { type ProjectRoleDto } from '../projects/membership.dto.js';
import type { InvitationStatus, InvitationType, RevokedReason } from './invitation.entity.js';

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
  revokedReason: RevokedReason | null;

  /**
   * The secret link; only in the answer to create and resend, when no mail was sent and you hold `invitations:link`.
   * @format uri
   */
  link?: string;

  /** What the database wrote, read. */
  static read(written: string): InvitationDto {
    return InvitationDto.revive(JSON.parse(written) as InvitationDto); // as: `INVITATION` names every field
  }

  /** With moments, which are text in JSON. */
  static revive(this: void, shown: InvitationDto): InvitationDto {
    const { delivery } = shown;
    return {
      ...withMoments(shown, ...MOMENTS),
      delivery: delivery && withMoments(delivery, 'lastAttemptAt', 'nextAttemptAt'),
    };
  }
}

const MOMENTS = ['expiresAt', 'createdAt', 'updatedAt', 'acceptedAt', 'declinedAt', 'revokedAt'] as const;

export class InvitationPageDto {
  data: InvitationDto[];

  /**
   * Ask with it as `cursor` for the next page; null on the last. A page looks through 10,000 invitations for what meets
   * its filters, so it may be short, and not be the last.
   */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}
