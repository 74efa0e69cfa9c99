import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timestamp } from '@usher/database';

@Entity('idempotency_keys')
@Index('idempotency_keys_expiry', ['expiresAt'])
export class IdempotencyKey {
  /** SHA-256 of the caller and the key they sent. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'idempotency_keys_pkey' })
  id: string;

  /** SHA-256 of method, address and body. */
  @Column({ type: 'text' })
  request: string;

  /** The first answer, encrypted: it may hold a link. Null while the first request still runs. */
  @Column({ type: 'bytea', nullable: true })
  answer: Buffer | null;

  /** After this moment the key may be used anew; soon while the request runs, a day later once it is answered. */
  @Column(timestamp)
  expiresAt: Date;
}
