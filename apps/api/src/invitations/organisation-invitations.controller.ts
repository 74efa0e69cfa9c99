import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import type { InvitationPlace } from './grants.js';
import { InvitationListQuery } from './invitation-list.dto.js';
import { InvitationReader } from './invitation-reader.js';
import { InvitationDto, InvitationPageDto } from './invitation.dto.js';
import { InvitationsService } from './invitations.service.js';
import { InviteToOrganisationDto } from './invite.dto.js';

@ApiTags('invitations')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/invitations')
export class OrganisationInvitationsController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly reader: InvitationReader,
  ) {}

  /** Lists the invitations of an organisation and its projects. */
  @Get()
  @RequirePermission('invitations:read')
  list(@CurrentOrganisation() organisationId: string, @Query() query: InvitationListQuery): Promise<InvitationPageDto> {
    return this.reader.list(placeOf(organisationId), query);
  }

  /** Invites somebody to an organisation and, if you like, to projects of it. One mail; acceptance gives all or nothing. */
  @Post()
  @RequirePermission('invitations:manage')
  @Idempotent()
  async invite(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() invitation: InviteToOrganisationDto,
  ): Promise<InvitationDto> {
    return this.reader.issued(await this.invitations.invite(caller, placeOf(organisationId), invitation));
  }
}

const placeOf = (organisationId: string): InvitationPlace => ({
  type: 'ORGANISATION',
  id: organisationId,
  organisationId,
});
