import { EmailAddress, Optional, PageQuery, PlainText } from '@usher/http';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsObject, IsOptional, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import { IsExpiryHours, IsLanguageTag, IsReminderHours } from '../platform/platform.dto.js';
import { IsAccentColour, IsLogoUrl } from './face-fields.js';
import type { Organisation, OrganisationStatus } from './organisation.entity.js';

/** What people outside see of it. */
export class NamedDto {
  name: string;
}

export class OrganisationSettingsDto {
  /** How long an invitation is open, in hours from 1 to 720; null: as the platform says. */
  @IsOptional()
  @IsExpiryHours()
  invitationExpiryHours?: number | null;

  /** How many hours before its end who has not answered is reminded, 0 to 720; 0: never; null: as the platform says. */
  @IsOptional()
  @IsReminderHours()
  reminderHours?: number | null;

  /** Language of mails, a BCP 47 tag; null: as the platform says. */
  @IsOptional()
  @IsLanguageTag()
  defaultLocale?: string | null;

  /** How mails and pages call the organisation, 1 to 100 characters, one line; null: by its name. */
  @IsOptional()
  @PlainText(100)
  displayName?: string | null;

  /** Picture on top of its mails, on one of the platform's `logoOrigins`; null: none. */
  @IsOptional()
  @IsLogoUrl()
  logoUrl?: string | null;

  /** Of buttons and links in its mails, `#rrggbb`, dark enough for white text (4.5:1); null: as everywhere. */
  @IsOptional()
  @IsAccentColour()
  accentColour?: string | null;

  /** Where answers to its mails go; null: to the sender. */
  @IsOptional()
  @EmailAddress()
  replyTo?: string | null;

  /** Named in its mails, for questions; null: none. */
  @IsOptional()
  @EmailAddress()
  supportEmail?: string | null;
}

const UNSET: Required<OrganisationSettingsDto> = {
  invitationExpiryHours: null,
  reminderHours: null,
  defaultLocale: null,
  displayName: null,
  logoUrl: null,
  accentColour: null,
  replyTo: null,
  supportEmail: null,
};

export class PlanDto {
  /** Whether the organisation may invite people. */
  invitationsEnabled: boolean;

  /** Most people, members and invited together; null: no limit. */
  seatLimit: number | null;
}

/** A tenant. */
export class OrganisationDto {
  /** @format uuid */
  id: string;

  /** Eight characters; accepted wherever a path names an organisation. */
  shortId: string;

  name: string;

  /** Members of a suspended organisation are refused. */
  status: OrganisationStatus;

  plan: PlanDto;

  settings: OrganisationSettingsDto;

  createdAt: Date;

  updatedAt: Date;

  static from(organisation: Organisation): OrganisationDto {
    const { id, shortId, name, status, settings, invitationsEnabled, seatLimit, createdAt, updatedAt } = organisation;
    const plan = { invitationsEnabled, seatLimit };
    return {
      id,
      shortId,
      name,
      status,
      plan,
      settings: { ...UNSET, ...settings },
      createdAt,
      updatedAt,
    };
  }
}

export class OrganisationReferenceDto {
  /** @format uuid */
  id: string;

  shortId: string;

  name: string;

  static from({ id, shortId, name }: Organisation): OrganisationReferenceDto {
    return { id, shortId, name };
  }
}

export class OrganisationPageDto {
  data: OrganisationDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

export class CreateOrganisationDto {
  /** 1 to 100 characters, one line. */
  @PlainText(100)
  name: string;

  /** Is invited as OWNER. The person who creates the organisation becomes an OWNER in any case. */
  @Optional()
  @EmailAddress()
  ownerEmail?: string;
}

export class UpdateOrganisationDto {
  /** 1 to 100 characters, one line. */
  @Optional()
  @PlainText(100)
  name?: string;

  /** Replaces the settings that it names. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => OrganisationSettingsDto)
  settings?: OrganisationSettingsDto;
}

/** What the organisation's plan allows. */
export class ChangePlanDto {
  /** False: nobody can be invited, invited again or changed; open invitations can still be accepted. */
  @IsBoolean()
  invitationsEnabled: boolean;

  /** Members and people invited together, 1 to 1,000,000; null: no limit. Those who are too many stay. */
  @ValidateIf((_plan, seatLimit) => seatLimit !== null)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  seatLimit: number | null;
}

export class ChangeOrganisationStatusDto {
  /** `SUSPENDED` refuses the organisation's people and keys at once, everywhere in it, and closes its invitations until it is `ACTIVE` again. */
  @IsIn(['ACTIVE', 'SUSPENDED'])
  status: OrganisationStatus;
}

export class OrganisationListQuery extends PageQuery {}
