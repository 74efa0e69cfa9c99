import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent, type Json } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { organisationPlace } from '../grants.js';
import { InvitationListQuery } from '../invitation-list.dto.js';
import { InvitationViewRepository } from '../invitation-view.repository.js';
import { InvitationDto, InvitationPageDto } from '../invitation.dto.js';
import { IssueInvitations } from '../issue/issue-invitations.js';
import { inviteRequest, InviteToOrganisationDto } from '../invite.dto.js';

@ApiTags('invitations')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/invitations')
export class OrganisationInvitationsController {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly reader: InvitationViewRepository,
  ) {}

  /** Lists the invitations of an organisation and its projects. */
  @Get()
  @RequirePermission('invitations:read')
  @ApiOkResponse({ type: InvitationPageDto })
  list(
    @CurrentOrganisation() organisationId: string,
    @Query() query: InvitationListQuery,
  ): Promise<Json<InvitationPageDto>> {
    return this.reader.page(organisationPlace(organisationId), query);
  }

  /**
   * Invites somebody to an organisation. The same invitation can let them into projects of it. One mail; acceptance
   * gives all or nothing.
   */
  @Post()
  @RequirePermission('invitations:manage')
  @Idempotent()
  async invite(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() invitation: InviteToOrganisationDto,
  ): Promise<InvitationDto> {
    const place = organisationPlace(organisationId);
    const { invitation: issued } = await this.invitations.issueOne(caller, place, inviteRequest(invitation), {
      whenPending: 'refuse',
    });
    return issued;
  }
}
