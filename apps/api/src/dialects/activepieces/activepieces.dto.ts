import { ApiProperty } from '@nestjs/swagger';
import { EmailAddress, Optional, ToleratesUnknown } from '@usher/http';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Length, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { PLATFORM_ROLES, type PlatformRole } from '../../access/permissions.js';
import { LinkToken } from '../../auth/link-token.js';

/** Invitations to organisations are not known here. */
export const ACTIVEPIECES_TYPES = ['PLATFORM', 'PROJECT'] as const;
export type ActivepiecesType = (typeof ACTIVEPIECES_TYPES)[number];
export const ACTIVEPIECES_STATUSES = ['PENDING', 'ACCEPTED'] as const;
export type ActivepiecesStatus = (typeof ACTIVEPIECES_STATUSES)[number];

const WithType = (type: ActivepiecesType): PropertyDecorator =>
  ValidateIf((body: ActivepiecesInviteDto) => body.type === type);

/** What no project has is found out by looking for it, so any text will do. */
const ProjectId = (): PropertyDecorator => (target, property) => {
  for (const rule of [IsString(), Length(1, 100)]) rule(target, property);
};

/** With type PROJECT: `projectId` and `projectRole`. With type PLATFORM: `platformRole`. */
@ToleratesUnknown()
export class ActivepiecesInviteDto {
  @IsIn(ACTIVEPIECES_TYPES)
  type: ActivepiecesType;

  /** One plain e-mail address, kept in lower case; an international domain is kept as punycode. */
  @EmailAddress()
  email: string;

  /** With type PROJECT. */
  @ApiProperty({ required: false, format: 'uuid' })
  @WithType('PROJECT')
  @ProjectId()
  projectId?: string;

  /** With type PROJECT: a role's name or key, in any case; at most what you hold yourself. */
  @ApiProperty({ required: false, minLength: 1, maxLength: 100 })
  @WithType('PROJECT')
  @IsString()
  @Length(1, 100)
  projectRole?: string;

  /** With type PLATFORM. */
  @ApiProperty({ required: false, enum: PLATFORM_ROLES })
  @WithType('PLATFORM')
  @IsIn(PLATFORM_ROLES)
  platformRole?: PlatformRole;
}

@ToleratesUnknown()
export class ActivepiecesAcceptDto {
  /** What stands behind `#token=` in the link. */
  @LinkToken()
  invitationToken: string;
}

@ToleratesUnknown()
export class ActivepiecesListQuery {
  @IsIn(ACTIVEPIECES_TYPES)
  type: ActivepiecesType;

  /** With type PROJECT; only a key of an organisation may leave it out, for all its projects. */
  @ApiProperty({ required: false, format: 'uuid' })
  @Optional()
  @ProjectId()
  projectId?: string;

  /** Left out: those that are open. */
  @Optional()
  @IsIn(ACTIVEPIECES_STATUSES)
  status?: ActivepiecesStatus = 'PENDING';

  /** Rows on the page, 1 to 100. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number = 10;

  /** `next` of the page before. */
  @Optional()
  @IsString()
  @MaxLength(1000)
  cursor?: string;
}

export class ActivepiecesProjectRoleDto {
  /** @format uuid */
  id: string;

  /** @format date-time */
  created: string;

  /** @format date-time */
  updated: string;

  name: string;

  permissions: string[];

  /**
   * Null: built in.
   * @format uuid
   */
  platformId: string | null;

  type: 'DEFAULT' | 'CUSTOM';
}

export class ActivepiecesInvitationDto {
  /** @format uuid */
  id: string;

  /** @format date-time */
  created: string;

  /** @format date-time */
  updated: string;

  email: string;

  status: ActivepiecesStatus;

  type: ActivepiecesType;

  /** @format uuid */
  platformId: string;

  platformRole: PlatformRole | null;

  /** @format uuid */
  projectId: string | null;

  /** @format uuid */
  projectRoleId: string | null;

  projectRole: ActivepiecesProjectRoleDto | null;

  /**
   * The secret link; only in the answer to an invitation, when no mail was sent.
   * @format uri
   */
  link?: string;
}

export class ActivepiecesInvitationListDto {
  data: ActivepiecesInvitationDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  next: string | null;

  /** Always null: lists are read forwards. */
  previous: string | null;
}

export class ActivepiecesErrorParamsDto {
  /** What happened and what to do next, for people. */
  message: string;
}

/** Why a request was refused. */
export class ActivepiecesErrorDto {
  /** Such as `ENTITY_NOT_FOUND`. */
  code: string;

  params: ActivepiecesErrorParamsDto;
}
