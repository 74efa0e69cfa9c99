import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Organisation } from '../organisations/organisation.entity.js';

/** An address that an organisation invited, under a random id: it tells nothing about accounts. */
@Entity('invitees')
@Index('invitees_id', ['id'], { unique: true })
export class Invitee {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'invitees_pkey' })
  organisationId: string;

  @ManyToOne(() => Organisation, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'organisation_id', foreignKeyConstraintName: 'invitees_organisation_fk' })
  organisation?: Organisation;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'invitees_pkey' })
  email: string;

  @Column({ type: 'uuid' })
  id: string;
}
