import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The table of `rate-limiter-flexible`, whose statements rely on these columns in this order. */
@Entity('throttles')
export class ThrottleCounter {
  /** SHA-256 of rule and subject, so that no address is kept. */
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'throttles_pkey' })
  key: string;

  @Column({ type: 'integer', default: 0 })
  points: number;

  /** Milliseconds since 1970, by the clock of the replica that counted first. */
  @Column({ type: 'bigint', nullable: true })
  expire: string | null;
}
