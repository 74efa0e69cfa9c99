import { timestamp } from '@usher/database';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { RoleScope } from '../access/permissions.js';
import { Organisation } from './organisation.entity.js';

/** A named set of permissions: built in, or an organisation's own. */
@Entity('roles')
@Check('roles_scope', `scope IN ('ORGANISATION', 'PROJECT')`)
// Among roles that are not deleted, unique by (organisation, scope, lower(key)), built-in ones by kind, too: written in a migration, TypeORM cannot say it.
@Index('roles_key', { synchronize: false })
export class Role {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'roles_pkey' })
  id: string;

  /** Null: built in, everywhere. */
  @Column({ type: 'uuid', nullable: true })
  organisationId: string | null;

  @ManyToOne(() => Organisation, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'organisation_id', foreignKeyConstraintName: 'roles_organisation_fk' })
  organisation?: Organisation;

  @Column({ type: 'text' })
  scope: RoleScope;

  /** Null: for projects of every kind. */
  @Column({ type: 'text', nullable: true })
  projectKind: string | null;

  @Column({ type: 'text' })
  key: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', array: true })
  permissions: string[];

  /** Ended invitations go on showing a role that was deleted; nothing else knows it any more. */
  @Column({ ...timestamp, nullable: true })
  deletedAt: Date | null;
}
