import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timestamp } from '@usher/database';

@Entity('throttle_counters')
export class ThrottleCounter {
  /** SHA-256 of rule and subject, so that no address is kept. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'throttle_counters_pkey' })
  key: string;

  @Column({ type: 'integer' })
  hits: number;

  @Column(timestamp)
  resetsAt: Date;
}
