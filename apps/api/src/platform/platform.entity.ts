import { createdAt, updatedAt } from '@usher/database';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export interface PlatformLimits {
  /** Seconds between two mails to a recipient for one invitation, from the second mail on; null: none. */
  resendCooldownSeconds: number | null;
  /** Mails to one address in a day; null: any number. */
  mailsPerRecipientPerDay: number | null;
  /** Invitations that one person or key sends in a day; null: any number. */
  invitationsPerInviterPerDay: number | null;
  /** Invitations that one organisation sends in a day; null: any number. */
  invitationsPerOrganisationPerDay: number | null;
}

const LIMITS: PlatformLimits = {
  resendCooldownSeconds: 60,
  mailsPerRecipientPerDay: 5,
  invitationsPerInviterPerDay: 2_000,
  invitationsPerOrganisationPerDay: 10_000,
};

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

  @Column({ type: 'text', array: true, default: '{}' })
  logoOrigins: string[];

  @Column({ type: 'integer', default: 168 })
  invitationExpiryHours: number;

  /** How long before its end an invitation is reminded of; 0: never. */
  @Column({ type: 'integer', default: 48 })
  reminderHours: number;

  @Column({ type: 'text', default: 'en' })
  defaultLocale: string;

  @Column({ type: 'jsonb', default: LIMITS })
  limits: PlatformLimits;

  @Column(createdAt)
  createdAt: Date;

  @Column(updatedAt)
  updatedAt: Date;
}

/** Whether people may be sent there after they accepted: the address is on a listed origin. */
export const mayRedirectTo = ({ redirectOrigins }: Pick<Platform, 'redirectOrigins'>, address: string): boolean =>
  isOn(redirectOrigins, address);

/** Whether mails may show a picture from there: the address is on a listed origin. */
export const mayShowLogo = ({ logoOrigins }: Pick<Platform, 'logoOrigins'>, address: string): boolean =>
  isOn(logoOrigins, address);

const isOn = (origins: string[], address: string): boolean =>
  URL.canParse(address) && origins.includes(new URL(address).origin);
