import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Role } from '../organisations/role.entity.js';
import { Project } from '../projects/project.entity.js';
import { Invitation } from './invitation.entity.js';

/** A project that an invitation lets into, and as what. */
@Entity('invitation_grants')
@Index('invitation_grants_project', ['organisationId', 'projectId'])
@Index('invitation_grants_role', ['roleId'])
export class InvitationGrant {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'invitation_grants_pkey' })
  invitationId: string;

  @ManyToOne(() => Invitation, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'invitation_id', foreignKeyConstraintName: 'invitation_grants_invitation_fk' })
  invitation?: Invitation;

  @Column({ type: 'uuid' })
  organisationId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'invitation_grants_pkey' })
  projectId: string;

  @ManyToOne(() => Project, { onDelete: 'CASCADE' })
  @JoinColumn([
    {
      name: 'organisation_id',
      referencedColumnName: 'organisationId',
      foreignKeyConstraintName: 'invitation_grants_project_fk',
    },
    { name: 'project_id', referencedColumnName: 'id', foreignKeyConstraintName: 'invitation_grants_project_fk' },
  ])
  project: Project;

  @Column({ type: 'uuid' })
  roleId: string;

  @ManyToOne(() => Role)
  @JoinColumn({ name: 'role_id', foreignKeyConstraintName: 'invitation_grants_role_fk' })
  role: Role;
}
