import { createdAt } from '@usher/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Somebody wants no more mail of the kind that can be refused: of one tenant, or of the whole installation. */
@Entity('mail_refusals')
@Index('mail_refusals_of_tenant', ['addressHash', 'tenantId'], { unique: true, where: 'tenant_id IS NOT NULL' })
@Index('mail_refusals_of_installation', ['addressHash'], { unique: true, where: 'tenant_id IS NULL' })
export class MailRefusal {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'mail_refusals_pkey' })
  id: string;

  /** Null: of the installation, whoever sends by it. */
  @Column({ type: 'uuid', nullable: true })
  tenantId: string | null;

  /** SHA-256, so that no address is kept: a refusal outlives the erasure of who refused. */
  @Column({ type: 'text' })
  addressHash: string;

  @Column(createdAt)
  createdAt: Date;
}
