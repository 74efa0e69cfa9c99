import { EmailAddress, Optional, PlainText, ToleratesUnknown } from '@usher/http';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsUUID } from 'class-validator';
import type { InvitationStatus } from '../../invitations/invitation.entity.js';
import type { InvitationDto } from '../../invitations/invitation.dto.js';

const MOST_WORKSPACES = 100;

/** Once each, as the database writes them; what is no list of texts is left to the validation. */
const distinct = ({ value }: { value: unknown }): unknown =>
  Array.isArray(value)
    ? [...new Set(value.map((id: unknown) => (typeof id === 'string' ? id.toLowerCase() : id)))]
    : value;

/** Whom to invite, in deepset's words. */
@ToleratesUnknown()
export class DeepsetInviteDto {
  /** At most 100 characters, one line. */
  @PlainText(100, 0)
  given_name: string;

  /** At most 100 characters, one line. */
  @PlainText(100, 0)
  family_name: string;

  /** One plain e-mail address, kept in lower case; an international domain is kept as punycode. */
  @EmailAddress()
  email: string;

  /**
   * A role's key or name, in any case: one of the organisation, else one of its projects.
   * A project's role is given in each workspace, beside MEMBER in the organisation. `Search user` is VIEWER.
   */
  @PlainText(100)
  role: string;

  /** Projects of the organisation to be let into; at most 100. */
  @Optional()
  @Transform(distinct)
  @ApiProperty({ type: 'array', items: { type: 'string', format: 'uuid' }, maxItems: MOST_WORKSPACES, default: [] })
  @IsArray()
  @ArrayMaxSize(MOST_WORKSPACES)
  @IsUUID(undefined, { each: true })
  workspace_ids?: string[] = [];
}

/** What became of it; deepset leaves this open. */
export class DeepsetInvitationDto {
  /** @format uuid */
  invitation_id: string;

  email: string;

  given_name: string | null;

  family_name: string | null;

  /** Key of the role that `role` named. */
  role: string;

  /** @format uuid */
  organization_id: string;

  @ApiProperty({ type: 'array', items: { type: 'string', format: 'uuid' } })
  workspace_ids: string[];

  status: InvitationStatus;

  expires_at: Date;

  /**
   * The secret link; only when no mail was sent and you hold `invitations:link`.
   * @format uri
   */
  link?: string;

  static from(invitation: InvitationDto, organisationId: string, role: string): DeepsetInvitationDto {
    return {
      invitation_id: invitation.id,
      email: invitation.email,
      given_name: invitation.givenName,
      family_name: invitation.familyName,
      role,
      organization_id: organisationId,
      workspace_ids: invitation.projects.map(({ projectId }) => projectId),
      status: invitation.status,
      expires_at: invitation.expiresAt,
      ...(invitation.link ? { link: invitation.link } : {}),
    };
  }
}
