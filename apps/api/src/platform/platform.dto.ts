import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { originOf } from '@usher/config';
import { Optional, PlainText, trimmed } from '@usher/http';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import type { Platform, PlatformLimits } from './platform.entity.js';

const LANGUAGE_TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;

const withoutPath = (value: unknown): unknown => {
  const origin = typeof value === 'string' ? originOf(value.trim()) : null;
  return origin && new URL(String(value)).href === `${origin}/` ? origin : value;
};

/** `https://app.example.com`: scheme, host and port, nothing behind; kept as browsers write it. */
const AreWebOrigins = (schemes = /^https?:/): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(withoutPath) : value)),
    ValidateBy(
      {
        name: 'isWebOrigin',
        validator: {
          validate: (value) => typeof value === 'string' && originOf(value) === value && schemes.test(value),
          defaultMessage: () =>
            '$property must hold origins such as https://app.example.com, without a path or a wildcard; name each host',
        },
      },
      { each: true },
    ),
  );

/** A language tag such as `en` or `pt-BR` (BCP 47). */
export const IsLanguageTag = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ pattern: LANGUAGE_TAG.source }),
    Transform(trimmed),
    ValidateBy({
      name: 'isLanguageTag',
      validator: {
        validate: (value) => typeof value === 'string' && LANGUAGE_TAG.test(value),
        defaultMessage: () => '$property must be a language tag such as en or pt-BR',
      },
    }),
  );

/** Hours from 1 to 720 (30 days). */
export const IsExpiryHours = (): PropertyDecorator => (target, property) => {
  for (const rule of [IsInt(), Min(1), Max(720), ApiProperty({ minimum: 1, maximum: 720 })]) rule(target, property);
};

/** Hours from 0 to 720 (30 days). */
export const IsReminderHours = (): PropertyDecorator => (target, property) => {
  for (const rule of [IsInt(), Min(0), Max(720), ApiProperty({ minimum: 0, maximum: 720 })]) rule(target, property);
};

export class PlatformLimitsDto implements Partial<PlatformLimits> {
  /** Seconds between two mails to a recipient for one invitation, from the second mail on, 1 to 86,400; null: no limit. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(86_400)
  resendCooldownSeconds?: number | null;

  /** Mails to one address in a day (UTC), 1 to 1,000; null: no limit. Across organisations what is more waits, and nobody is told. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  mailsPerRecipientPerDay?: number | null;

  /** Invitations that one person or API key sends in a day (UTC), again or for the first time, 1 to 1,000,000; null: no limit. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  invitationsPerInviterPerDay?: number | null;

  /** Invitations that one organisation sends in a day (UTC), again or for the first time, 1 to 10,000,000; null: no limit. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  invitationsPerOrganisationPerDay?: number | null;
}

/** The settings of this installation. */
export class PlatformDto {
  /** How mails and pages call this installation. */
  name: string;

  /** Who may create organisations: platform admins, or everyone with an account. */
  organisationCreation: 'admins' | 'everyone';

  /** Where people may be sent after they accepted. */
  redirectOrigins: string[];

  /** Where organisations may have the logos that their mails show. */
  logoOrigins: string[];

  /** How long an invitation is open, in hours, unless the organisation or the invitation says otherwise. */
  invitationExpiryHours: number;

  /** How many hours before its end who has not answered is reminded, unless the organisation says otherwise; 0: never. An invitation that is open for less than twice as long is not reminded of. */
  reminderHours: number;

  /** Language of mails, unless the organisation or the invitation says otherwise, and of pages, unless the reader's browser does. */
  defaultLocale: string;

  limits: PlatformLimitsDto;

  static from(platform: Platform): PlatformDto {
    const { name, organisationCreation, redirectOrigins, logoOrigins } = platform;
    const { invitationExpiryHours, reminderHours, defaultLocale, limits } = platform;
    return {
      name,
      organisationCreation,
      redirectOrigins,
      logoOrigins,
      invitationExpiryHours,
      reminderHours,
      defaultLocale,
      limits,
    };
  }
}

export class UpdatePlatformDto {
  /** 1 to 100 characters, one line. */
  @Optional()
  @PlainText(100)
  name?: string;

  @Optional()
  @IsIn(['admins', 'everyone'])
  organisationCreation?: 'admins' | 'everyone';

  /** At most 50. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @AreWebOrigins()
  redirectOrigins?: string[];

  /** Https only, at most 50. Logos elsewhere are no longer shown in new mails. Whoever runs such a place can see who opens a mail. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @AreWebOrigins(/^https:/)
  logoOrigins?: string[];

  @Optional()
  @IsExpiryHours()
  invitationExpiryHours?: number;

  /** 0 to 720 hours before the end of an invitation; 0: no reminders. */
  @Optional()
  @IsReminderHours()
  reminderHours?: number;

  @Optional()
  @IsLanguageTag()
  defaultLocale?: string;

  /** Replaces the limits that it names. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => PlatformLimitsDto)
  limits?: PlatformLimitsDto;
}
