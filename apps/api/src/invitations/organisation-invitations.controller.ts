import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Condition, type FoundPage, Idempotent, type Json } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, FoundAlong, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { firstPageAlong } from '../access/read-along.js';
import type { InvitationPlace } from './grants.js';
import { InvitationListQuery } from './invitation-list.dto.js';
import { InvitationReader } from './invitation-reader.js';
import { invitationsIn } from './invitation-reader.sql.js';
import { InvitationDto, InvitationPageDto } from './invitation.dto.js';
import { InvitationsService } from './invitations.service.js';
import { InviteToOrganisationDto } from './invite.dto.js';
import { type Facts, factsAlong } from './shortcut/shortcut-facts.js';

const NEWEST = { ...invitationsIn(), conditions: [['i.organisation_id = access."organisationId"'] as Condition] }; // as: it has no value

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
  @RequirePermission('invitations:read', firstPageAlong('invitations', NEWEST))
  @ApiOkResponse({ type: InvitationPageDto })
  list(
    @CurrentOrganisation() organisationId: string,
    @Query() query: InvitationListQuery,
    @FoundAlong() found: FoundPage | undefined,
  ): Promise<Json<InvitationPageDto>> {
    return this.reader.page(placeOf(organisationId), query, found);
  }

  /** Invites somebody to an organisation and, if you like, to projects of it. One mail; acceptance gives all or nothing. */
  @Post()
  @RequirePermission('invitations:manage', factsAlong)
  @Idempotent()
  async invite(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() invitation: InviteToOrganisationDto,
    @FoundAlong() found: Facts | undefined,
  ): Promise<InvitationDto> {
    return this.reader.issued(await this.invitations.invite(caller, placeOf(organisationId), invitation, found));
  }
}

const placeOf = (organisationId: string): InvitationPlace => ({
  type: 'ORGANISATION',
  id: organisationId,
  organisationId,
});
