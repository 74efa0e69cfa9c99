import { createdAt, timestamp } from '@usher/database';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { MailContent } from './mail-content.js';

export const MAIL_STATUSES = [
  'QUEUED',
  'SENDING',
  'SENT',
  'DELIVERED',
  'BOUNCED',
  'COMPLAINED',
  'FAILED',
  'SKIPPED',
] as const;
export type MailStatus = (typeof MAIL_STATUSES)[number];

/** In the place of the address of somebody whose account was erased. */
export const ERASED = 'erased@erased.invalid';

/** In SQL: it waits, or is being sent. Whoever says so finds mails by when they are due. */
export const IS_OPEN = `(status IN ('QUEUED', 'SENDING'))`;
/** The same, for those who find mails by their tenant: each has an index of its own, and PostgreSQL takes neither for the other. */
export const IS_NOT_OVER = `(status NOT IN ('SENT', 'DELIVERED', 'BOUNCED', 'COMPLAINED', 'FAILED', 'SKIPPED'))`;
/**
 * In SQL: the status, for those who find mails by id or subject. Of open mails PostgreSQL's statistics know few or none for as long as there are few:
 * it would look for one mail among all of them, also when these have become a hundred thousand. This it cannot look up.
 */
export const STATUS = `(status || '')`;
/** In SQL: it is over, and what it said is not forgotten. */
export const SAYS_SOMETHING = `content ->> 'subject' <> '' AND NOT ${IS_OPEN}`;
/** In SQL: when it is due, or its lease over. */
export const DUE_AT = 'greatest(next_attempt_at, held_until)';
/** Whose turn those mails have that are nobody's. */
export const NO_TENANT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** In SQL: whose turn it is. */
export const TENANT = `coalesce(tenant_id, '${NO_TENANT}')`;

/** The outbox: one mail to one person, and what became of it. */
@Entity('mail_messages')
@Check('mail_messages_status', `status IN (${MAIL_STATUSES.map((status) => `'${status}'`).join(', ')})`)
// What is open, by DUE_AT, and by TENANT and DUE_AT: of expressions, which TypeORM cannot say.
@Index('mail_messages_due_at', { synchronize: false })
@Index('mail_messages_tenants', { synchronize: false })
@Index('mail_messages_says', ['createdAt'], { where: SAYS_SOMETHING })
@Index('mail_messages_subject', ['subjectId'])
@Index('mail_messages_address', ['toAddress'])
export class MailMessage {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'mail_messages_pkey' })
  id: string;

  @Column({ type: 'uuid', nullable: true })
  tenantId: string | null;

  /** What the mail is about; `cancel` takes back what is still queued about it. */
  @Column({ type: 'uuid' })
  subjectId: string;

  @Column({ type: 'text' })
  toAddress: string;

  @Column({ type: 'text', nullable: true })
  toName: string | null;

  /** Without the secret of its link. */
  @Column({ type: 'jsonb' })
  content: MailContent;

  /** The secret of the link, encrypted; gone once the mail is sent or will not be. */
  @Column({ type: 'bytea', nullable: true })
  sealedToken: Buffer | null;

  /** RFC 5322 Message-ID, the same at every attempt. */
  @Column({ type: 'text' })
  messageId: string;

  @Column({ type: 'text', default: 'QUEUED' })
  status: MailStatus;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  /** How many of the attempts were put off for reasons of this mail; later and later with each. */
  @Column({ type: 'integer', default: 0 })
  deferrals: number;

  @Column({ ...timestamp, nullable: true })
  lastAttemptAt: Date | null;

  /** While QUEUED when it is due, while SENDING when the attempt counts as lost. */
  @Column({ ...timestamp, default: () => 'now()' })
  nextAttemptAt: Date;

  /** In words that an operator understands. */
  @Column({ type: 'text', nullable: true })
  lastError: string | null;

  /** After this moment the mail is of no use and is not sent. */
  @Column(timestamp)
  sendBefore: Date;

  /** How many mails such as this one its recipient may get in a day, whoever sends them; null: any number. */
  @Column({ type: 'integer', nullable: true })
  recipientLimit: number | null;

  /** The recipient has got enough for now: until then it waits, and looks like any mail in the queue. */
  @Column({ ...timestamp, nullable: true })
  heldUntil: Date | null;

  /** Whether it shows a way out of mails like it, and its recipient may have taken that. */
  @Column({ type: 'boolean', default: false })
  refusable: boolean;

  /** The trace that the mail was asked for in; its attempts belong to it. */
  @Column({ type: 'text', nullable: true })
  traceparent: string | null;

  @Column(createdAt)
  createdAt: Date;
}
