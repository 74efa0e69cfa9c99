import { DateTime, Optional, PlainText, QueryFlag } from '@usher/http';
import { IsIn } from 'class-validator';
import { PLATFORM_ROLES, type PlatformRole } from '../access/permissions.js';
import { RoleKey } from '../organisations/member.dto.js';
import { RoleReferenceDto } from '../organisations/role.dto.js';
import type { ApiKey } from './api-key.entity.js';

/** Who did something. */
export class PrincipalDto {
  type: 'user' | 'api_key';

  /** @format uuid */
  id: string;

  name: string;
}

/** A credential for programs. */
export class ApiKeyDto {
  /** @format uuid */
  id: string;

  name: string;

  /** How the key begins, such as `ush_Ab3dEf`. */
  prefix: string;

  /** What an organisation's key holds in its organisation; null for others. */
  role: RoleReferenceDto | null;

  /** What a platform key holds; null for others. */
  platformRole: PlatformRole | null;

  /** Null when their account is gone. */
  createdBy: PrincipalDto | null;

  createdAt: Date;

  /** To the minute; null until its first use. */
  lastUsedAt: Date | null;

  /** From then on it is refused; null: never. */
  expiresAt: Date | null;

  static from(key: ApiKey, createdBy: PrincipalDto | null): ApiKeyDto {
    const { id, name, prefix, role, platformRole, createdAt, lastUsedAt, expiresAt } = key;
    return {
      id,
      name,
      prefix,
      role: role && RoleReferenceDto.from(role),
      platformRole,
      createdBy,
      createdAt,
      lastUsedAt,
      expiresAt,
    };
  }
}

export class CreatedApiKeyDto extends ApiKeyDto {
  /** The key itself, shown this once: send it as `Authorization: Bearer …`. */
  key: string;
}

export class ApiKeyPageDto {
  data: ApiKeyDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

export class CreateApiKeyDto {
  /** What it is for: 1 to 100 characters, one line. */
  @PlainText(100)
  name: string;

  /** A time with its offset (RFC 3339), in the future; left out: it does not expire. */
  @Optional()
  @DateTime()
  expiresAt?: Date;
}

export class CreateOrganisationApiKeyDto extends CreateApiKeyDto {
  /** An organisation role's key, such as `MEMBER`, or its id; at most what you hold yourself. */
  @RoleKey()
  role: string;
}

export class CreatePlatformApiKeyDto extends CreateApiKeyDto {
  @IsIn(PLATFORM_ROLES)
  platformRole: PlatformRole;
}

export class RevokeApiKeyQuery {
  /** Also withdraws the open invitations that the key answers for; otherwise they stay as they are. */
  @Optional()
  @QueryFlag()
  withdrawInvitations?: boolean = false;
}
