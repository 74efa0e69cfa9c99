import { createdAt, updatedAt } from '@usher/database';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export interface PlatformLimits {
  /** Seconds between two mails to a recipient for one invitation, from the second mail on; null: none. */
  resendCooldownSeconds: number | null;
}

/** This installation: one row. */
@Entity('platform')
@Check('platform_only_one', 'is_only')
@Index('platform_only_one_row', ['isOnly'], { unique: true })
export class Platform {
  /** Also the place where platform invitations are issued. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'platform_pkey' })
  id: string;

  @Column({ type: 'boolean', default: true })
  isOnly: boolean;

  @Column({ type: 'text', default: 'Usher' })
  name: string;

  @Column({ type: 'text', default: 'admins' })
  organisationCreation: 'admins' | 'everyone';

  @Column({ type: 'text', array: true, default: '{}' })
  redirectOrigins: string[];

  @Column({ type: 'integer', default: 168 })
  invitationExpiryHours: number;

  @Column({ type: 'text', default: 'en' })
  defaultLocale: string;

  @Column({ type: 'jsonb', default: { resendCooldownSeconds: 60 } })
  limits: PlatformLimits;

  @Column(createdAt)
  createdAt: Date;

  @Column(updatedAt)
  updatedAt: Date;
}
