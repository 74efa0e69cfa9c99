import { EmailAddress, Id, Optional, PageQuery } from '@usher/http';
import { MAIL_STATUSES, type MailStatus } from '@usher/mailer';
import { IsIn, IsString, Length } from 'class-validator';
import { RoleKey } from '../organisations/member.dto.js';
import { INVITATION_STATUSES, type InvitationStatus } from './invitation.entity.js';

export const INVITATION_SORTS = ['createdAt', '-createdAt', 'expiresAt', '-expiresAt', 'email', '-email'] as const;
export type InvitationSort = (typeof INVITATION_SORTS)[number];

/** Which invitations to list, and in which order. */
export class InvitationListQuery extends PageQuery {
  @Optional()
  @IsIn(INVITATION_STATUSES)
  status?: InvitationStatus;

  /** Exactly this address. */
  @Optional()
  @EmailAddress()
  email?: string;

  /** Part of an address, literally. A page looks through 10,000 invitations and may be short: go on while there is a `nextCursor`. */
  @Optional()
  @IsString()
  @Length(1, 254)
  q?: string;

  /** Gives this role, in the organisation or in one of its projects: a key or an id. */
  @Optional()
  @RoleKey()
  role?: string;

  /** Lets into this project. */
  @Optional()
  @Id()
  projectId?: string;

  /** Who answers for it: a user's id. */
  @Optional()
  @Id()
  invitedBy?: string;

  /** What became of the latest mail. */
  @Optional()
  @IsIn(MAIL_STATUSES)
  delivery?: MailStatus;

  /** `-` for descending. */
  @Optional()
  @IsIn(INVITATION_SORTS)
  sort?: InvitationSort = '-createdAt';
}
