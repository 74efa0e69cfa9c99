import { IsIn } from 'class-validator';
import { EmailAddress, Optional, PageQuery, PlainText } from '@usher/http';
import { PLATFORM_ROLES, type PlatformRole } from '../access/permissions.js';
import type { User, UserStatus } from './user.entity.js';

/** A person's account. */
export class UserDto {
  /** @format uuid */
  id: string;

  /** Lower-case; it cannot be changed. */
  email: string;

  /** Whether a mail to the address was proven to have arrived. */
  emailVerified: boolean;

  givenName: string | null;

  familyName: string | null;

  /** `ADMIN` may do everything everywhere, `OPERATOR` reads everywhere, `MEMBER` holds only what was granted. */
  platformRole: PlatformRole;

  /** Suspended people are refused everywhere. */
  status: UserStatus;

  createdAt: Date;

  static from(user: User): UserDto {
    const { id, email, givenName, familyName, platformRole, status, createdAt } = user;
    return {
      id,
      email,
      emailVerified: user.emailVerifiedAt !== null,
      givenName,
      familyName,
      platformRole,
      status,
      createdAt,
    };
  }
}

export class UserPageDto {
  data: UserDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

/** How a person is called. */
export class NamesDto {
  /** 1 to 100 characters, one line. */
  @Optional()
  @PlainText(100)
  givenName?: string;

  /** 1 to 100 characters, one line. */
  @Optional()
  @PlainText(100)
  familyName?: string;
}

/** What people may change of themselves. */
export class UpdateMeDto extends NamesDto {}

/** What platform staff may change of a person. */
export class UpdateUserDto extends UpdateMeDto {
  /** `SUSPENDED` ends their sessions and personal API keys at once and refuses them everywhere. */
  @Optional()
  @IsIn(['ACTIVE', 'SUSPENDED'])
  status?: UserStatus;

  @Optional()
  @IsIn(PLATFORM_ROLES)
  platformRole?: PlatformRole;
}

export class UserListQuery extends PageQuery {
  /** Exactly this address. */
  @Optional()
  @EmailAddress()
  email?: string;

  @Optional()
  @IsIn(['ACTIVE', 'SUSPENDED'])
  status?: UserStatus;

  @Optional()
  @IsIn(PLATFORM_ROLES)
  platformRole?: PlatformRole;
}
