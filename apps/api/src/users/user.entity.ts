import { createdAt, timestamp, updatedAt } from '@usher/database';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { PlatformRole } from '../access/permissions.js';

export type UserStatus = 'ACTIVE' | 'SUSPENDED';

/** A person with an account: one per e-mail address in the whole installation. */
@Entity('users')
@Check('users_email_lower', 'email = lower(email)')
@Check('users_status', `status IN ('ACTIVE', 'SUSPENDED')`)
@Check('users_platform_role', `platform_role IN ('ADMIN', 'OPERATOR', 'MEMBER')`)
@Index('users_email', ['email'], { unique: true })
@Index('users_page', ['createdAt', 'id'])
export class User {
  /** Random: it must not tell when the account was made. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'users_pkey' })
  id: string;

  @Column({ type: 'text' })
  email: string;

  /** When a mail to the address was proven to have arrived; null until then. */
  @Column({ ...timestamp, nullable: true })
  emailVerifiedAt: Date | null;

  @Column({ type: 'text', default: 'ACTIVE' })
  status: UserStatus;

  @Column({ type: 'text', default: 'MEMBER' })
  platformRole: PlatformRole;

  /** argon2id, in PHC format; null until the person sets a password. */
  @Column({ type: 'text', nullable: true, select: false })
  passwordHash: string | null;

  @Column({ type: 'text', nullable: true })
  givenName: string | null;

  @Column({ type: 'text', nullable: true })
  familyName: string | null;

  @Column(createdAt)
  createdAt: Date;

  @Column(updatedAt)
  updatedAt: Date;
}

interface Named {
  givenName: string | null;
  familyName: string | null;
}

/** Null when they gave no name. */
export const fullName = ({ givenName, familyName }: Named): string | null =>
  [givenName, familyName].filter(Boolean).join(' ') || null;

/** How a person is called in mails and lists; their address when they gave no name. */
export const displayName = (person: Named & { email: string }): string => fullName(person) ?? person.email;
