import { EmailAddresses, Optional, ToleratesUnknown } from '@usher/http';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import type { NumberedPage } from '../../invitations/invitation-view.repository.js';

export type GorulesStatus = 'pending' | 'accepted';

/** Whom to invite. */
@ToleratesUnknown()
export class GorulesInviteDto {
  /** 1 to 10 addresses; one that is there twice gets one mail. */
  @EmailAddresses(10)
  emails: string[];
}

/** Which rows, by the number of the page. */
@ToleratesUnknown()
export class GorulesPageQuery {
  /** Part of an address, literally; of users also of a name. */
  @Optional()
  @IsString()
  @Length(0, 254)
  search?: string;

  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  page?: number = 1;

  /** Rows on the page, 1 to 100. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  perPage?: number = 10;
}

/** The same, of invitations. */
@ToleratesUnknown()
export class GorulesInvitationQuery extends GorulesPageQuery {
  @Optional()
  @IsIn(['pending', 'accepted'])
  status?: GorulesStatus;
}

/** An invitation as those get it who send one. */
export class GorulesInvitationDto {
  /** @format uuid */
  id: string;

  /** @format email */
  email: string;

  /** `pending` also when it has lapsed: it can be sent again. */
  status: GorulesStatus;

  /**
   * The same for every invitation of this address to this organisation.
   * @format uuid
   */
  userId: string;

  createdAt: Date;

  /** Null once it was accepted. */
  expiresAt: Date | null;
}

/** Who made an invitation. */
export class GorulesCreatorDto {
  /** @format uuid */
  id: string;

  name: string;
}

/** Who was invited. */
export class GorulesInvitedUserDto {
  /** @format uuid */
  id: string;

  /** @format email */
  email: string;
}

export class GorulesOrganisationDto {
  /** @format uuid */
  id: string;

  name: string;
}

/** An invitation as lists show it. */
export class GorulesListedInvitationDto {
  /** @format uuid */
  id: string;

  /** @format email */
  email: string;

  expiresAt: Date | null;

  createdAt: Date;

  acceptedAt: Date | null;

  status: GorulesStatus;

  /** Null when their account is gone. */
  createdBy: GorulesCreatorDto | null;

  user: GorulesInvitedUserDto;

  organisation: GorulesOrganisationDto;
}

/** Rows `from` to `to` of `total`; both are 0 on an empty page. */
export class GorulesPaginationDto {
  current: number;

  from: number;

  to: number;

  total: number;

  pageSize: number;

  static of({ page, perPage }: NumberedPage, rows: number, total: number): GorulesPaginationDto {
    const before = (page - 1) * perPage;
    const [from, to] = rows > 0 ? [before + 1, before + rows] : [0, 0];
    return { current: page, from, to, total, pageSize: perPage };
  }
}

export class GorulesInvitationPageDto {
  results: GorulesListedInvitationDto[];

  paginate: GorulesPaginationDto;
}
