import { createdAt, timestamp } from '@usher/database';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { User } from '../users/user.entity.js';

/** A person signed in somewhere. */
@Entity('sessions')
@Index('sessions_token', ['tokenHash'], { unique: true })
@Index('sessions_page', ['userId', 'createdAt', 'id'])
export class Session {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'sessions_pkey' })
  id: string;

  @Column({ type: 'uuid' })
  userId: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'sessions_user_fk' })
  user?: User;

  /** SHA-256 of the credential. */
  @Column({ type: 'bytea' })
  tokenHash: Buffer;

  @Column({ type: 'text', nullable: true })
  userAgent: string | null;

  @Column(createdAt)
  createdAt: Date;

  /** Written at most once a minute. */
  @Column(createdAt)
  lastUsedAt: Date;

  @Column(timestamp)
  expiresAt: Date;
}
