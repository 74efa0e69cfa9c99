import { createdAt } from '@usher/database';
import { Check, Column, Entity, type FindOptionsWhere, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { OWNER_ROLE_ID } from '../access/permissions.js';
import { User } from '../users/user.entity.js';
import { Organisation } from './organisation.entity.js';
import { Role } from './role.entity.js';

export type MembershipStatus = 'ACTIVE' | 'SUSPENDED';

/** A person in an organisation, with one role. */
@Entity('memberships')
@Check('memberships_status', `status IN ('ACTIVE', 'SUSPENDED')`)
@Index('memberships_page', ['organisationId', 'joinedAt', 'userId'])
@Index('memberships_user', ['userId', 'joinedAt'])
@Index('memberships_role', ['roleId'])
export class Membership {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'memberships_pkey' })
  organisationId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'memberships_pkey' })
  userId: string;

  @ManyToOne(() => Organisation, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'organisation_id', foreignKeyConstraintName: 'memberships_organisation_fk' })
  organisation: Organisation;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'memberships_user_fk' })
  user: User;

  @Column({ type: 'uuid' })
  roleId: string;

  @ManyToOne(() => Role)
  @JoinColumn({ name: 'role_id', foreignKeyConstraintName: 'memberships_role_fk' })
  role: Role;

  @Column({ type: 'text', default: 'ACTIVE' })
  status: MembershipStatus;

  @Column(createdAt)
  joinedAt: Date;
}

/** Who keeps the organisation: owners who can sign in and act. */
export const isActiveOwner = (organisationId: string): FindOptionsWhere<Membership> => ({
  organisationId,
  roleId: OWNER_ROLE_ID,
  status: 'ACTIVE',
  user: { status: 'ACTIVE' },
});
