import { createdAt, updatedAt } from '@usher/database';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { Organisation } from '../organisations/organisation.entity.js';

/** Something inside an organisation that people are let into. */
@Entity('projects')
@Unique('projects_in_organisation', ['organisationId', 'id'])
@Index('projects_page', ['organisationId', 'createdAt', 'id'])
export class Project {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'projects_pkey' })
  id: string;

  @Column({ type: 'uuid' })
  organisationId: string;

  @ManyToOne(() => Organisation, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'organisation_id', foreignKeyConstraintName: 'projects_organisation_fk' })
  organisation?: Organisation;

  @Column({ type: 'text', default: 'project' })
  kind: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', nullable: true })
  externalId: string | null;

  @Column({ type: 'jsonb', default: {} })
  metadata: object;

  @Column(createdAt)
  createdAt: Date;

  @Column(updatedAt)
  updatedAt: Date;
}
