import { Optional } from '@usher/http';
import { IsString } from 'class-validator';
import { NewPassword, SessionTokenDto } from '../auth/auth.dto.js';
import { LinkToken } from '../auth/link-token.js';
import { NamedDto } from '../organisations/organisation.dto.js';
import { MembershipDto } from '../projects/membership.dto.js';
import { NamesDto } from '../users/user.dto.js';
import type { InvitationType } from './invitation.entity.js';

export class TokenDto {
  /** What stands behind `#token=` in the link. */
  @LinkToken()
  token: string;
}

/** Name and password are for people without an account; who has one signs in first. Names left out are as the inviter typed them. */
export class AcceptInvitationDto extends NamesDto {
  /** What stands behind `#token=` in the link. */
  @LinkToken()
  token: string;

  /** 8 to 128 characters, and not easy to guess: neither a common password, nor your address, nor the platform's name. It never changes the password of an existing account. */
  @Optional()
  @IsString()
  @NewPassword()
  password?: string;
}

export class AcceptedDto {
  /** What you are a member of now; empty for an invitation to the platform. */
  memberships: MembershipDto[];

  /** Where the inviter wants you to go on; null when they named nothing. */
  redirectUrl: string | null;

  /** Only when the account was made now. */
  session?: SessionTokenDto;
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

  /** Null when their account is gone, or a program invited. */
  invitedBy: NamedDto | null;

  /** Masked, such as `k•••@example.com`, if the link was shown to the inviter as well; otherwise only this person's mailbox has it. */
  email: string;

  /** As the inviter typed it. */
  givenName: string | null;

  /** As the inviter typed it. */
  familyName: string | null;

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
