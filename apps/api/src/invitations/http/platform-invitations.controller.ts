import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Idempotent, type Json } from '@usher/http';
import { CurrentCaller, RequirePermission } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { platformPlace } from '../grants.js';
import { InvitationListQuery } from '../invitation-list.dto.js';
import { InvitationViewRepository } from '../invitation-view.repository.js';
import { InvitationDto, InvitationPageDto } from '../invitation.dto.js';
import { IssueInvitations } from '../issue/issue-invitations.js';
import { inviteRequest, InviteToPlatformDto } from '../invite.dto.js';

@ApiTags('platform')
@Controller('platform/invitations')
export class PlatformInvitationsController {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly reader: InvitationViewRepository,
  ) {}

  /** Lists the invitations to the platform. */
  @Get()
  @RequirePermission('users:read')
  @ApiOkResponse({ type: InvitationPageDto })
  list(@Query() query: InvitationListQuery): Promise<Json<InvitationPageDto>> {
    return this.reader.page(platformPlace, query);
  }

  /** Invites somebody to the platform. They get a platform role and join no organisation. */
  @Post()
  @RequirePermission('users:manage')
  @Idempotent()
  async invite(@CurrentCaller() caller: Caller, @Body() invitation: InviteToPlatformDto): Promise<InvitationDto> {
    const { invitation: issued } = await this.invitations.issueOne(caller, platformPlace, inviteRequest(invitation), {
      whenPending: 'refuse',
    });
    return issued;
  }
}
