import { createdAt, timestamp, updatedAt } from '@usher/database';
import { MailMessage } from '@usher/mailer';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, VirtualColumn } from 'typeorm';
import type { Principal } from '../access/caller.js';
import type { PlatformRole } from '../access/permissions.js';
import { Organisation } from '../organisations/organisation.entity.js';
import { Role } from '../organisations/role.entity.js';

export const INVITATION_STATUSES = ['PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED', 'EXPIRED'] as const;
export type InvitationStatus = (typeof INVITATION_STATUSES)[number];

/** `revoked` by somebody, otherwise why Usher withdrew it. */
export type RevokedReason =
  | 'revoked'
  | 'inviter_lost_rights'
  | 'invitee_lost_rights'
  | 'invitee_erased'
  | 'key_revoked'
  | 'project_deleted'
  | 'organisation_deleted';
export type InvitationType = 'PLATFORM' | 'ORGANISATION' | 'PROJECT';

/** One address, what it is let into, one secret link, and a life of its own. */
@Entity('invitations')
@Check('invitations_status', `status IN (${INVITATION_STATUSES.map((status) => `'${status}'`).join(', ')})`)
@Check('invitations_type', `type IN ('PLATFORM', 'ORGANISATION', 'PROJECT')`)
@Index('invitations_one_open', ['place', 'email'], { unique: true, where: `status = 'PENDING'` })
@Index('invitations_token', ['tokenHash'], { unique: true })
@Index('invitations_previous_token', ['previousTokenHash'], { where: 'previous_token_hash IS NOT NULL' })
@Index('invitations_reminder_token', ['reminderTokenHash'], {
  unique: true,
  where: 'reminder_token_hash IS NOT NULL',
})
@Index('invitations_previous_reminder_token', ['previousReminderTokenHash'], {
  where: 'previous_reminder_token_hash IS NOT NULL',
})
@Index('invitations_to_remind', ['remindAt'], { where: `status = 'PENDING' AND remind_at IS NOT NULL` })
@Index('invitations_page', ['organisationId', 'createdAt', 'id'])
@Index('invitations_page_by_email', ['organisationId', 'email', 'id'])
@Index('invitations_page_by_expiry', ['organisationId', 'expiresAt', 'id'])
@Index('invitations_open_page', ['organisationId', 'createdAt', 'id'], { where: `status = 'PENDING'` })
@Index('invitations_elsewhere', ['place', 'createdAt', 'id'], { where: `type <> 'ORGANISATION'` })
@Index('invitations_email', ['email'])
@Index('invitations_open_by_inviter', ['invitedById'], { where: `status = 'PENDING'` })
export class Invitation {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'invitations_pkey' })
  id: string;

  @Column({ type: 'uuid', nullable: true })
  organisationId: string | null;

  @ManyToOne(() => Organisation, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'organisation_id', foreignKeyConstraintName: 'invitations_organisation_fk' })
  organisation: Organisation | null;

  /** Where it was issued: the id of the platform, the organisation or the project. */
  @Column({ type: 'uuid' })
  place: string;

  @Column({ type: 'text' })
  type: InvitationType;

  @Column({ type: 'text' })
  email: string;

  /** Random, one per organisation and address; null on platform invitations. */
  @Column({ type: 'uuid', nullable: true })
  inviteeId: string | null;

  /** As stored; a lapsed invitation may still say PENDING. Read `currentStatus`. */
  @Column({ type: 'text', default: 'PENDING' })
  status: InvitationStatus;

  /** By the database's clock, at the moment of reading. */
  @VirtualColumn({ type: 'boolean', query: (alias) => `SELECT ${alias}.expires_at <= now()` })
  isLapsed: boolean;

  /** SHA-256 of the token; the token itself is in the mail alone. */
  @Column({ type: 'bytea' })
  tokenHash: Buffer;

  /** Of the token before the last rotation: its holder may still ask for a fresh link. */
  @Column({ type: 'bytea', nullable: true })
  previousTokenHash: Buffer | null;

  /** Of the token in the reminder, which opens the invitation as well as the first one. */
  @Column({ type: 'bytea', nullable: true })
  reminderTokenHash: Buffer | null;

  @Column({ type: 'bytea', nullable: true })
  previousReminderTokenHash: Buffer | null;

  /** Whether the present token was shown to an inviter: then it proves nothing about the address. */
  @Column({ type: 'boolean', default: false })
  linkShown: boolean;

  @Column({ type: 'text', nullable: true })
  platformRole: PlatformRole | null;

  @Column({ type: 'uuid', nullable: true })
  roleId: string | null;

  @ManyToOne(() => Role)
  @JoinColumn({ name: 'role_id', foreignKeyConstraintName: 'invitations_role_fk' })
  role: Role | null;

  @Column({ type: 'text', nullable: true })
  givenName: string | null;

  @Column({ type: 'text', nullable: true })
  familyName: string | null;

  @Column({ type: 'text', nullable: true })
  message: string | null;

  @Column({ type: 'text' })
  locale: string;

  @Column({ type: 'text', nullable: true })
  redirectUrl: string | null;

  @Column({ type: 'jsonb', default: {} })
  metadata: object;

  /** `user` or `api_key`: who answers for it. */
  @Column({ type: 'text' })
  invitedByType: Principal['type'];

  @Column({ type: 'uuid' })
  invitedById: string;

  /** Whether the inviter wants Usher to mail the link. */
  @Column({ type: 'boolean', default: true })
  sendEmail: boolean;

  /** Mails sent, or links shown. */
  @Column({ type: 'integer', default: 1 })
  sendCount: number;

  @Column(createdAt)
  lastSentAt: Date;

  /** The latest mail; null when none was wanted or possible. */
  @Column({ type: 'uuid', nullable: true })
  mailMessageId: string | null;

  @ManyToOne(() => MailMessage, { createForeignKeyConstraints: false })
  @JoinColumn({ name: 'mail_message_id' })
  mailMessage: MailMessage | null;

  /** How long it is open from each sending, in hours. */
  @Column({ type: 'integer' })
  expiryHours: number;

  /** Whether the inviter wants one reminder for each sending. */
  @Column({ type: 'boolean', default: true })
  reminder: boolean;

  /** When the reminder is due; null: none is, or it was dealt with. */
  @Column({ ...timestamp, nullable: true })
  remindAt: Date | null;

  @Column(timestamp)
  expiresAt: Date;

  @Column(createdAt)
  createdAt: Date;

  @Column(updatedAt)
  updatedAt: Date;

  @Column({ ...timestamp, nullable: true })
  acceptedAt: Date | null;

  /** A user's id, also after their account was erased. */
  @Column({ type: 'uuid', nullable: true })
  acceptedById: string | null;

  @Column({ ...timestamp, nullable: true })
  declinedAt: Date | null;

  @Column({ ...timestamp, nullable: true })
  revokedAt: Date | null;

  @Column({ type: 'text', nullable: true })
  revokedReason: RevokedReason | null;

  @Column({ ...timestamp, nullable: true })
  renewalRequestedAt: Date | null;

  get currentStatus(): InvitationStatus {
    return this.status === 'PENDING' && this.isLapsed ? 'EXPIRED' : this.status;
  }

  get isOpen(): boolean {
    return this.currentStatus === 'PENDING';
  }

  /** A lapsed one comes back to life when it is sent again. */
  get canBeSent(): boolean {
    return this.status === 'PENDING' || this.status === 'EXPIRED';
  }
}

/** Who answers for it. */
export const inviterOf = ({ invitedByType: type, invitedById: id }: Invitation): Principal => ({ type, id });

/** What a rotation writes: old links open nothing any more, but a fresh one can still be asked for by them. */
export const withDeadLinks = ({ tokenHash, reminderTokenHash }: Invitation) => ({
  previousTokenHash: tokenHash,
  previousReminderTokenHash: reminderTokenHash,
  reminderTokenHash: null,
});
