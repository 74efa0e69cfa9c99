import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Idempotent, type Json } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { projectPlace } from '../grants.js';
import { InvitationListQuery } from '../invitation-list.dto.js';
import { InvitationViewRepository } from '../invitation-view.repository.js';
import { InvitationDto, InvitationPageDto } from '../invitation.dto.js';
import { IssueInvitations } from '../issue/issue-invitations.js';
import { inviteRequest, InviteToProjectDto } from '../invite.dto.js';

@ApiTags('invitations')
@Controller('projects/:projectId/invitations')
export class ProjectInvitationsController {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly reader: InvitationViewRepository,
  ) {}

  /** Lists the invitations that were issued in a project. */
  @Get()
  @RequirePermission('project-invitations:read')
  @ApiOkResponse({ type: InvitationPageDto })
  list(
    @Param('projectId') id: string,
    @CurrentOrganisation() organisationId: string,
    @Query() query: InvitationListQuery,
  ): Promise<Json<InvitationPageDto>> {
    return this.reader.page(projectPlace(organisationId, id), query);
  }

  /** Invites somebody to a project. They become a MEMBER of its organisation too, unless they are one already. */
  @Post()
  @RequirePermission('project-invitations:manage')
  @Idempotent()
  async invite(
    @CurrentCaller() caller: Caller,
    @Param('projectId') id: string,
    @CurrentOrganisation() organisationId: string,
    @Body() invitation: InviteToProjectDto,
  ): Promise<InvitationDto> {
    const place = projectPlace(organisationId, id);
    const { invitation: issued } = await this.invitations.issueOne(caller, place, inviteRequest(invitation), {
      whenPending: 'refuse',
    });
    return issued;
  }
}
