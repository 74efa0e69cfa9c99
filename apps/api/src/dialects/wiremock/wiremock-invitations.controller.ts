import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, UseFilters } from '@nestjs/common';
import { ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Idempotent, ToleratesUnknown } from '@usher/http';
import { CurrentCaller, RequirePermission } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { Called, type CalledOrganisation } from './called-organisation.js';
import {
  WiremockInvitationDto,
  WiremockInvitationListQuery,
  WiremockInvitationRequestDto,
  WiremockInvitationsDto,
} from './wiremock-invitation.dto.js';
import { WiremockInvitationsService } from './wiremock-invitations.service.js';
import { WiremockProblemFilter } from './wiremock-problem.filter.js';

/** The invitations of an organisation under WireMock's paths. */
@ApiTags('WireMock')
@ApiParam({ name: 'organisationId' })
@ToleratesUnknown()
@UseFilters(WiremockProblemFilter)
@Controller('v1/organisations/:organisationId/invitations')
export class WiremockInvitationsController {
  constructor(private readonly invitations: WiremockInvitationsService) {}

  /**
   * Invites somebody to an organisation or to a project. An open invitation is sent again. Unknown fields are ignored.
   */
  @Post()
  @ApiQuery({ name: 'q', required: false, description: 'Means nothing here.' })
  @RequirePermission('invitations:manage')
  @Idempotent()
  async invite(
    @CurrentCaller() caller: Caller,
    @Called() organisation: CalledOrganisation,
    @Body() { invitation }: WiremockInvitationRequestDto,
  ): Promise<WiremockInvitationDto> {
    return { invitation: await this.invitations.invite(caller, organisation, invitation) };
  }

  /** Lists an organisation's open invitations, newest first. Includes those to its projects; at most 1,000. */
  @Get()
  @RequirePermission('invitations:read')
  async list(
    @Called() organisation: CalledOrganisation,
    @Query() { q }: WiremockInvitationListQuery,
  ): Promise<WiremockInvitationsDto> {
    return { invitations: await this.invitations.list(organisation, q) };
  }

  /** Shows an open invitation. */
  @Get(':invitationId')
  @RequirePermission('invitations:read')
  async get(
    @Called() organisation: CalledOrganisation,
    @Param('invitationId') id: string,
  ): Promise<WiremockInvitationDto> {
    return { invitation: await this.invitations.get(organisation, id) };
  }

  /** Revokes an open invitation; its link is dead. */
  @Delete(':invitationId')
  @HttpCode(204)
  @RequirePermission('invitations:manage')
  async revoke(
    @CurrentCaller() caller: Caller,
    @Called() organisation: CalledOrganisation,
    @Param('invitationId') id: string,
  ): Promise<void> {
    await this.invitations.revoke(caller, organisation, id);
  }
}
