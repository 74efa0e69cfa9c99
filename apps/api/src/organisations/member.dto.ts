import { ApiProperty } from '@nestjs/swagger';
import { Optional, PageQuery, QueryFlag, trimmed } from '@usher/http';
import { Transform } from 'class-transformer';
import { IsIn, IsString, Length } from 'class-validator';
import type { User } from '../users/user.entity.js';
import type { Membership, MembershipStatus } from './membership.entity.js';
import { RoleReferenceDto } from './role.dto.js';

/** A person as other members see them. */
export class PersonDto {
  /** @format uuid */
  id: string;

  email: string;

  givenName: string | null;

  familyName: string | null;

  static from({ id, email, givenName, familyName }: User): PersonDto {
    return { id, email, givenName, familyName };
  }
}

/** A person in an organisation. */
export class MemberDto {
  user: PersonDto;

  role: RoleReferenceDto;

  /** Suspended members keep their place and may do nothing. */
  status: MembershipStatus;

  joinedAt: Date;

  static from({ user, role, status, joinedAt }: Membership): MemberDto {
    return { user: PersonDto.from(user), role: RoleReferenceDto.from(role), status, joinedAt };
  }
}

export class MemberPageDto {
  data: MemberDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

export class MemberListQuery extends PageQuery {
  @Optional()
  @IsIn(['ACTIVE', 'SUSPENDED'])
  status?: MembershipStatus;
}

export class RemoveMemberQuery {
  /** Also revokes the organisation's API keys that the leaver made; otherwise they outlive the membership. */
  @Optional()
  @QueryFlag()
  revokeKeys?: boolean = false;
}

/** A role's key, such as `ADMIN`, or its id. */
export const RoleKey = (): PropertyDecorator => (target, property) => {
  for (const rule of [Transform(trimmed), IsString(), Length(1, 64), ApiProperty({ minLength: 1, maxLength: 64 })])
    rule(target, property);
};

export class ChangeRoleDto {
  /** A role's key, such as `ADMIN`, or its id. */
  @RoleKey()
  role: string;
}

export class ChangeMemberStatusDto {
  @IsIn(['ACTIVE', 'SUSPENDED'])
  status: MembershipStatus;
}
