import { createdAt } from '@usher/database';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Membership } from '../organisations/membership.entity.js';
import { Role } from '../organisations/role.entity.js';
import { User } from '../users/user.entity.js';
import { Project } from './project.entity.js';

/** A member of the organisation in one of its projects, with one role; it goes with the membership. */
@Entity('project_memberships')
@Index('project_memberships_page', ['organisationId', 'projectId', 'joinedAt', 'userId'])
@Index('project_memberships_user', ['organisationId', 'userId'])
@Index('project_memberships_role', ['roleId'])
export class ProjectMembership {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'project_memberships_pkey' })
  organisationId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'project_memberships_pkey' })
  projectId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'project_memberships_pkey' })
  userId: string;

  @ManyToOne(() => Project, { onDelete: 'CASCADE' })
  @JoinColumn([
    {
      name: 'organisation_id',
      referencedColumnName: 'organisationId',
      foreignKeyConstraintName: 'project_memberships_project_fk',
    },
    { name: 'project_id', referencedColumnName: 'id', foreignKeyConstraintName: 'project_memberships_project_fk' },
  ])
  project: Project;

  @ManyToOne(() => Membership, { onDelete: 'CASCADE' })
  @JoinColumn([
    {
      name: 'organisation_id',
      referencedColumnName: 'organisationId',
      foreignKeyConstraintName: 'project_memberships_membership_fk',
    },
    { name: 'user_id', referencedColumnName: 'userId', foreignKeyConstraintName: 'project_memberships_membership_fk' },
  ])
  membership: Membership;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'project_memberships_user_fk' })
  user: User;

  @Column({ type: 'uuid' })
  roleId: string;

  @ManyToOne(() => Role)
  @JoinColumn({ name: 'role_id', foreignKeyConstraintName: 'project_memberships_role_fk' })
  role: Role;

  @Column(createdAt)
  joinedAt: Date;
}
