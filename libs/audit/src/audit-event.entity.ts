import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { createdAt } from '@usher/database';
import type { Actor } from '@usher/http';

/** What was done, by whom, to what; a trigger refuses to change or delete it, and it outlives what it speaks of. */
@Entity('audit_events')
@Index('audit_events_page', ['tenantId', 'at', 'id'])
@Index('audit_events_at', ['at', 'id'])
export class AuditEvent {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'audit_events_pkey' })
  id: string;

  /** The tenant whose audit shows it; null for what concerns the installation. */
  @Column({ type: 'uuid', nullable: true })
  tenantId: string | null;

  @Column(createdAt)
  at: Date;

  /** `noun.verb` in the past tense, such as `invitation.accepted`. */
  @Column({ type: 'text' })
  action: string;

  @Column({ type: 'text' })
  actorType: Actor['type'];

  @Column({ type: 'uuid', nullable: true })
  actorId: string | null;

  @Column({ type: 'text' })
  subjectType: string;

  @Column({ type: 'text', nullable: true })
  subjectId: string | null;

  /** The changed fields as they were; no secrets, no names or addresses of people. */
  @Column({ type: 'jsonb', nullable: true })
  before: object | null;

  @Column({ type: 'jsonb', nullable: true })
  after: object | null;

  @Column({ type: 'text', nullable: true })
  ip: string | null;

  @Column({ type: 'text', nullable: true })
  requestId: string | null;
}
