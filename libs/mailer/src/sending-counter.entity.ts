import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How much was sent for one subject on one day. */
@Entity('sending_counters')
export class SendingCounter {
  /** SHA-256 of what is counted, so that no address is kept. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'sending_counters_pkey' })
  subject: string;

  /** In UTC. */
  @PrimaryColumn({ type: 'date', primaryKeyConstraintName: 'sending_counters_pkey' })
  day: string;

  /** A busy subject is counted in many rows, so that requests do not queue for one. */
  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: 'sending_counters_pkey' })
  slot: number;

  @Column({ type: 'integer' })
  hits: number;
}
