import { createdAt, timestamp } from '@usher/database';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { User } from '../users/user.entity.js';

/** A mailed, single-use way to set a new password; a person has at most one. */
@Entity('password_resets')
@Index('password_resets_token', ['tokenHash'], { unique: true })
@Index('password_resets_user', ['userId'], { unique: true })
export class PasswordReset {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'password_resets_pkey' })
  id: string;

  @Column({ type: 'uuid' })
  userId: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'password_resets_user_fk' })
  user?: User;

  /** SHA-256 of the token. */
  @Column({ type: 'bytea' })
  tokenHash: Buffer;

  @Column(timestamp)
  expiresAt: Date;

  @Column(createdAt)
  createdAt: Date;
}
