import { ApiProperty } from '@nestjs/swagger';
import { EmailAddress, Optional, ToleratesUnknown } from '@usher/http';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsString, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import type { InvitationDto } from '../../invitations/invitation.dto.js';
import { WIREMOCK_ROLES, type WiremockRole, writeRole } from './wiremock-role.js';

@ToleratesUnknown()
export class WiremockInviteDto {
  /** With `aclObjectId` one of that entity's kind, without it `organisation_admin` or `organisation_member`. */
  @IsIn(WIREMOCK_ROLES)
  role: WiremockRole;

  /**
   * The project to be let into; null or left out: the organisation alone.
   * @format uuid
   */
  @ApiProperty({ type: String, nullable: true, required: false })
  @ValidateIf((_invite, value) => value !== undefined && value !== null)
  @IsString()
  aclObjectId?: string | null;

  /** One plain e-mail address, kept in lower case; an international domain is kept as punycode. */
  @EmailAddress()
  recipientEmailAddress: string;
}

@ToleratesUnknown()
export class WiremockInvitationRequestDto {
  @IsObject()
  @ValidateNested()
  @Type(() => WiremockInviteDto)
  invitation: WiremockInviteDto;
}

@ToleratesUnknown()
export class WiremockInvitationListQuery {
  /** Part of an address, literally. */
  @Optional()
  @IsString()
  @MaxLength(254)
  q?: string;
}

export class WiremockLinksDto {
  /** To be asked, and deleted. */
  self: string;
}

/** An invitation as WireMock says it. */
export class WiremockInvitationDataDto {
  /** @format uuid */
  id: string;

  /**
   * Who answers for it: a user, or an API key.
   * @format uuid
   */
  senderId: string;

  recipientEmailAddress: string;

  /** Whether the address belongs to nobody in this organisation; of accounts elsewhere it tells nothing. */
  newUser: boolean;

  /** The nearest word for what it gives. */
  role: WiremockRole;

  /**
   * The project it lets into; missing when it is to the organisation alone.
   * @format uuid
   */
  aclObjectId?: string;

  /**
   * With six digits of a second.
   * @format date-time
   */
  created: string;

  links: WiremockLinksDto;

  /**
   * The secret link; only in the answer to inviting, when no mail was sent and you hold `invitations:link`.
   * @format uri
   */
  link?: string;

  static from(invitation: InvitationDto, { kind, newUser, calledAs }: Surroundings): WiremockInvitationDataDto {
    const { id, invitedBy, email, createdAt, link } = invitation;
    return {
      id,
      senderId: invitedBy?.id ?? NOBODY,
      recipientEmailAddress: email,
      newUser,
      ...writeRole(invitation, kind),
      created: createdAt.toISOString().replace('Z', '000Z'),
      links: { self: `/v1/organisations/${calledAs}/invitations/${id}` },
      ...(link ? { link } : {}),
    };
  }
}

/** What an invitation does not say of itself. */
interface Surroundings {
  /** Of the project, when it is to one. */
  kind: string | undefined;
  newUser: boolean;
  /** The word by which the request names the organisation. */
  calledAs: string;
}

/** Open invitations are withdrawn with their sender's account: this is seen at that moment alone. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export class WiremockInvitationDto {
  invitation: WiremockInvitationDataDto;
}

export class WiremockInvitationsDto {
  /** Open ones, newest first, at most 1,000. */
  invitations: WiremockInvitationDataDto[];
}
