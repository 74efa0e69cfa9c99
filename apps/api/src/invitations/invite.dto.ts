import { EmailAddress, Id, Optional, PlainLines } from '@usher/http';
import { PartialType, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsUrl,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { PLATFORM_ROLES, type PlatformRole } from '../access/permissions.js';
import { RoleKey } from '../organisations/member.dto.js';
import { IsExpiryHours, IsLanguageTag } from '../platform/platform.dto.js';
import { IsMetadata } from '../projects/metadata.js';
import { NamesDto } from '../users/user.dto.js';
import type { GrantNames } from './grants.js';

/** What an invitation to any place may say. */
export class InviteDto extends NamesDto {
  /** One plain e-mail address, kept in lower case; an international domain is kept as punycode. */
  @EmailAddress()
  email: string;

  /** Your words to the person invited: 1 to 500 characters, line breaks allowed, without web addresses. */
  @Optional()
  @PlainLines(500)
  message?: string;

  /** Language of the mail, a BCP 47 tag; otherwise as the organisation or the platform says. */
  @Optional()
  @IsLanguageTag()
  locale?: string;

  /** How long the link works, 1 to 720 hours (30 days); otherwise as the organisation or the platform says. */
  @Optional()
  @IsExpiryHours()
  expiresInHours?: number;

  /** Where to send the person afterwards; on one of the platform's `redirectOrigins`. */
  @Optional()
  @MaxLength(2000)
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true, disallow_auth: true })
  redirectUrl?: string;

  /** Your own data, a JSON object of at most 8 KiB; never shown to the person invited. */
  @Optional()
  @IsMetadata()
  metadata?: object;

  /** `false`: no mail is sent, and the answer has the `link` if you hold `invitations:link`. */
  @Optional()
  @IsBoolean()
  sendEmail?: boolean = true;

  /** `false`: who does not answer is not reminded. Otherwise one reminder is mailed before the end, when the organisation or the platform says so (`reminderHours`). */
  @Optional()
  @IsBoolean()
  reminder?: boolean;
}

export class ProjectGrantDto {
  /** A project of this organisation. */
  @Id()
  projectId: string;

  /** A project role's key, such as `EDITOR`, or its id. */
  @RoleKey()
  role: string;
}

export class InviteToOrganisationDto extends InviteDto {
  /** An organisation role's key, such as `MEMBER`, or its id; at most what you hold yourself. */
  @RoleKey()
  role: string;

  /** Projects to be let into as well, each once; at most 100. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique((grant: ProjectGrantDto | null) => String(grant?.projectId).toLowerCase())
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ProjectGrantDto)
  projects?: ProjectGrantDto[];
}

export class InviteToProjectDto extends InviteDto {
  /** A project role's key, such as `EDITOR`, or its id; at most what you hold yourself. */
  @RoleKey()
  role: string;
}

export class InviteToPlatformDto extends InviteDto {
  @IsIn(PLATFORM_ROLES)
  platformRole: PlatformRole;
}

/** What is left out stays. Changed grants rotate the link and send a new mail. */
export class ChangeInvitationDto extends PartialType(
  PickType(InviteToOrganisationDto, [
    'role',
    'projects',
    'givenName',
    'familyName',
    'message',
    'locale',
    'expiresInHours',
    'metadata',
    'reminder',
  ]),
  { skipNullProperties: false },
) {
  /** For invitations to the platform, in place of `role`. */
  @Optional()
  @IsIn(PLATFORM_ROLES)
  platformRole?: PlatformRole;
}

export class ResendInvitationDto {
  /** Left out: as the invitation was created. `false`: no mail, and the answer has the `link` if you hold `invitations:link`. */
  @Optional()
  @IsBoolean()
  sendEmail?: boolean;
}

/** As `issue` takes it. */
export const inviteRequest = <Dto extends Partial<InviteDto> & GrantNames>({
  role,
  projects,
  platformRole,
  ...fields
}: Dto) => ({
  ...fields,
  grants: { role, projects, platformRole },
});

export const changeRequest = (invitationId: string, changes: ChangeInvitationDto) => ({
  ...inviteRequest(changes),
  invitationId,
  changed: Object.keys(changes),
});
