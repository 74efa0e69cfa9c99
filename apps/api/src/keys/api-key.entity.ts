import { createdAt, timestamp } from '@usher/database';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Principal } from '../access/caller.js';
import type { PlatformRole } from '../access/permissions.js';
import { Organisation } from '../organisations/organisation.entity.js';
import { Role } from '../organisations/role.entity.js';
import { User } from '../users/user.entity.js';

/** A credential for programs, of one owner: an organisation, a person, or the platform. It outlives a revocation: its invitations name it. */
@Entity('api_keys')
@Check('api_keys_one_owner', 'num_nonnulls(organisation_id, user_id, platform_role) = 1')
@Check('api_keys_role_of_organisation', '(role_id IS NULL) = (organisation_id IS NULL)')
@Index('api_keys_secret', ['secretHash'], { unique: true })
@Index('api_keys_of_organisation', ['organisationId', 'createdAt', 'id'])
@Index('api_keys_of_user', ['userId', 'createdAt', 'id'])
@Index('api_keys_of_platform', ['createdAt', 'id'], { where: 'platform_role IS NOT NULL' })
@Index('api_keys_role', ['roleId'])
export class ApiKey {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'api_keys_pkey' })
  id: string;

  @Column({ type: 'uuid', nullable: true })
  organisationId: string | null;

  @ManyToOne(() => Organisation, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'organisation_id', foreignKeyConstraintName: 'api_keys_organisation_fk' })
  organisation?: Organisation;

  /** What an organisation's key holds there. */
  @Column({ type: 'uuid', nullable: true })
  roleId: string | null;

  @ManyToOne(() => Role)
  @JoinColumn({ name: 'role_id', foreignKeyConstraintName: 'api_keys_role_fk' })
  role: Role | null;

  /** Whose personal key it is. */
  @Column({ type: 'uuid', nullable: true })
  userId: string | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'api_keys_user_fk' })
  user?: User;

  /** What a platform key holds. */
  @Column({ type: 'text', nullable: true })
  platformRole: PlatformRole | null;

  @Column({ type: 'text' })
  name: string;

  /** The beginning of the key, shown so that people can tell keys apart. */
  @Column({ type: 'text' })
  prefix: string;

  /** SHA-256 of the key. */
  @Column({ type: 'bytea' })
  secretHash: Buffer;

  @Column({ type: 'text' })
  createdByType: Principal['type'];

  /** Also after the account was erased. */
  @Column({ type: 'uuid' })
  createdById: string;

  @Column(createdAt)
  createdAt: Date;

  /** Written at most once a minute; null until its first use. */
  @Column({ ...timestamp, nullable: true })
  lastUsedAt: Date | null;

  /** Null: never. */
  @Column({ ...timestamp, nullable: true })
  expiresAt: Date | null;

  @Column({ ...timestamp, nullable: true })
  revokedAt: Date | null;
}
