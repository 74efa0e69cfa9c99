import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Idempotent, type Json } from '@usher/http';
import { CurrentCaller, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { PlatformService } from '../platform/platform.service.js';
import type { InvitationPlace } from './grants.js';
import { InvitationListQuery } from './invitation-list.dto.js';
import { InvitationReader } from './invitation-reader.js';
import { InvitationDto, InvitationPageDto } from './invitation.dto.js';
import { InvitationsService } from './invitations.service.js';
import { InviteToPlatformDto } from './invite.dto.js';

@ApiTags('platform')
@Controller('platform/invitations')
export class PlatformInvitationsController {
  constructor(
    private readonly platform: PlatformService,
    private readonly invitations: InvitationsService,
    private readonly reader: InvitationReader,
  ) {}

  /** Lists the invitations to the platform. */
  @Get()
  @RequirePermission('users:read')
  @ApiOkResponse({ type: InvitationPageDto })
  async list(@Query() query: InvitationListQuery): Promise<Json<InvitationPageDto>> {
    return this.reader.page(await this.place(), query);
  }

  /** Invites somebody to the platform, with a platform role and no organisation. */
  @Post()
  @RequirePermission('users:manage')
  @Idempotent()
  async invite(@CurrentCaller() caller: Caller, @Body() invitation: InviteToPlatformDto): Promise<InvitationDto> {
    return this.reader.issued(await this.invitations.invite(caller, await this.place(), invitation));
  }

  private async place(): Promise<InvitationPlace> {
    const { id } = await this.platform.settings();
    return { type: 'PLATFORM', id, organisationId: null };
  }
}
