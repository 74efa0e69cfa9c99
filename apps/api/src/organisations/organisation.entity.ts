import { createdAt, updatedAt } from '@usher/database';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export type OrganisationStatus = 'ACTIVE' | 'SUSPENDED';

export interface OrganisationSettings {
  /** How long an invitation is open, in hours; missing: as the platform says. */
  invitationExpiryHours?: number | null;
  /** How long before its end an invitation is reminded of, 0: never; missing: as the platform says. */
  reminderHours?: number | null;
  /** Language of mails; missing: as the platform says. */
  defaultLocale?: string | null;
  /** How mails and pages call it; missing: by its name. */
  displayName?: string | null;
  /** Shown on mails while its origin is one of the platform's `logoOrigins`. */
  logoUrl?: string | null;
  /** Of buttons and links in mails, `#rrggbb`. */
  accentColour?: string | null;
  /** Where answers to mails go. */
  replyTo?: string | null;
  /** Named in mails, for questions. */
  supportEmail?: string | null;
}

/** A tenant. */
@Entity('organisations')
@Check('organisations_status', `status IN ('ACTIVE', 'SUSPENDED')`)
@Check('organisations_seat_limit', 'seat_limit > 0')
@Index('organisations_short_id', ['shortId'], { unique: true })
@Index('organisations_page', ['createdAt', 'id'])
export class Organisation {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'organisations_pkey' })
  id: string;

  @Column({ type: 'text' })
  shortId: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', default: 'ACTIVE' })
  status: OrganisationStatus;

  @Column({ type: 'jsonb', default: {} })
  settings: OrganisationSettings;

  @Column({ type: 'boolean', default: true })
  invitationsEnabled: boolean;

  /** Null: no limit. */
  @Column({ type: 'integer', nullable: true })
  seatLimit: number | null;

  @Column(createdAt)
  createdAt: Date;

  @Column(updatedAt)
  updatedAt: Date;
}

/** How people outside know it. */
export const publicName = ({ name, settings }: Pick<Organisation, 'name' | 'settings'>): string =>
  settings.displayName ?? name;
