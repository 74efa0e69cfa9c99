import { Optional, PlainText } from '@usher/http';
import { IsString, MaxLength } from 'class-validator';
import { NewPassword, SessionTokenDto } from '../auth/auth.dto.js';
import type { PlatformRole } from '../access/permissions.js';
import { MembershipDto } from '../projects/membership.dto.js';
import type { InvitationType } from './invitation.entity.js';

export class TokenDto {
  /** The secret of the link: what stands behind `#token=`. */
  @IsString()
  @MaxLength(200)
  token: string;
}

/** Name and password are for people without an account; who has one signs in first. */
export class AcceptInvitationDto extends TokenDto {
  /** 1 to 100 characters, one line; otherwise as the inviter typed it. */
  @Optional()
  @PlainText(100)
  givenName?: string;

  /** 1 to 100 characters, one line; otherwise as the inviter typed it. */
  @Optional()
  @PlainText(100)
  familyName?: string;

  /** 8 to 128 characters. It never changes the password of an existing account. */
  @Optional()
  @IsString()
  @NewPassword()
  password?: string;
}

export class AcceptedDto {
  /** What you are a member of now; empty for an invitation to the platform. */
  memberships: MembershipDto[];

  /** Only when the account was made now. */
  session?: SessionTokenDto;
}

export class NamedDto {
  name: string;
}

export class InvitedRoleDto {
  name: string;

  role: string;
}

/** An invitation as its link shows it. */
export class InvitationLookupDto {
  type: InvitationType;

  organisation: NamedDto | null;

  /** The role's name; null on an invitation to a project. */
  role: string | null;

  projects: InvitedRoleDto[];

  /** Null when their account is gone. */
  invitedBy: NamedDto | null;

  /** Masked, such as `k•••@example.com`. */
  email: string;

  message: string | null;

  expiresAt: Date;

  /** Whether to sign in, or to set a name and a password. */
  accountExists: boolean;
}

/** An invitation to the address of the person who asks. */
export class MyInvitationDto extends InvitationLookupDto {
  /** @format uuid */
  id: string;
}

export class MyInvitationPageDto {
  data: MyInvitationDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

/** How platform roles are called in mails and on pages. */
export const platformRoleName = (role: PlatformRole): string => role.charAt(0) + role.slice(1).toLowerCase();

/** `kim@example.com` is shown as `k•••@example.com`. */
export const maskAddress = (email: string): string => email.replace(/^(.)[^@]*/, '$1•••');
