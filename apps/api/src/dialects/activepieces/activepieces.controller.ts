import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, UseFilters } from '@nestjs/common';
import { ApiExcludeController, ApiExtraModels, ApiTags } from '@nestjs/swagger';
import { Idempotent, ToleratesUnknown } from '@usher/http';
import type { FastifyRequest } from 'fastify';
import {
  CurrentCaller,
  CurrentPlace,
  PlaceNamedBy,
  Public,
  RequirePermission,
  SignedIn,
} from '../../access/access.decorators.js';
import type { Caller, Person, Place } from '../../access/caller.js';
import { ActivepiecesInvitationsService } from './activepieces-invitations.service.js';
import { ActivepiecesPlaces, projectNamedIn } from './activepieces-places.js';
import {
  ActivepiecesAcceptDto,
  ActivepiecesErrorDto,
  ActivepiecesInvitationDto,
  ActivepiecesInvitationListDto,
  ActivepiecesInviteDto,
  ActivepiecesListQuery,
} from './activepieces.dto.js';
import { ActivepiecesFilter } from './activepieces.filter.js';

/** The user invitations of Activepieces. */
@ApiTags('Activepieces')
@ApiExtraModels(ActivepiecesErrorDto)
@ToleratesUnknown()
@UseFilters(ActivepiecesFilter)
@Controller('v1/user-invitations')
export class ActivepiecesController {
  constructor(
    private readonly places: ActivepiecesPlaces,
    private readonly invitations: ActivepiecesInvitationsService,
  ) {}

  /**
   * Invites somebody to a project or to the platform. An open invitation of the same address there is changed and sent
   * again; its old link is dead.
   */
  @Post()
  @SignedIn()
  @PlaceNamedBy(({ body }) => projectNamedIn(body))
  @Idempotent()
  async invite(
    @Req() request: FastifyRequest,
    @CurrentCaller() caller: Caller,
    @Body() invitation: ActivepiecesInviteDto,
  ): Promise<ActivepiecesInvitationDto> {
    const place = await this.places.toInvite(request, caller, invitation);
    return this.invitations.invite(caller, place, invitation);
  }

  /** Lists invitations to a project or to the platform. Either the open ones or those that were accepted. */
  @Get()
  @SignedIn()
  @PlaceNamedBy(({ query }) => projectNamedIn(query) ?? 'own')
  async list(
    @Req() request: FastifyRequest,
    @CurrentCaller() caller: Caller,
    @Query() query: ActivepiecesListQuery,
  ): Promise<ActivepiecesInvitationListDto> {
    return this.invitations.list(await this.places.toList(request, caller, query), query);
  }

  /** Takes an open invitation back; its link is dead. */
  @Delete(':invitationId')
  @HttpCode(204)
  @RequirePermission('invitations:manage')
  async revoke(
    @CurrentCaller() caller: Caller,
    @CurrentPlace() place: Place,
    @Param('invitationId') id: string,
  ): Promise<void> {
    await this.invitations.revoke(caller, place, id);
  }

  /**
   * Accepts. Without an account, makes one that has no password yet; a password reset sets it. With one, you must be
   * signed in as it.
   */
  @Post('accept')
  @HttpCode(200)
  @Public('session')
  accept(
    @CurrentCaller() caller: Person | undefined,
    @Body() { invitationToken }: ActivepiecesAcceptDto,
  ): Promise<ActivepiecesInvitationDto> {
    return this.invitations.accept(caller, invitationToken);
  }
}

/** The same under `/api`, where the vendor's cloud has it. */
@ApiExcludeController()
@Controller('user-invitations')
export class ActivepiecesUnderApiController extends ActivepiecesController {}
