import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Idempotent, type Json } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { InvitationListQuery } from './invitation-list.dto.js';
import { InvitationReader } from './invitation-reader.js';
import { InvitationDto, InvitationPageDto } from './invitation.dto.js';
import { InvitationsService } from './invitations.service.js';
import { InviteToProjectDto } from './invite.dto.js';

@ApiTags('invitations')
@Controller('projects/:projectId/invitations')
export class ProjectInvitationsController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly reader: InvitationReader,
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
    return this.reader.page({ type: 'PROJECT', id, organisationId }, query);
  }

  /** Invites somebody to a project; they become a MEMBER of its organisation too, if they are not. */
  @Post()
  @RequirePermission('project-invitations:manage')
  @Idempotent()
  async invite(
    @CurrentCaller() caller: Caller,
    @Param('projectId') id: string,
    @CurrentOrganisation() organisationId: string,
    @Body() invitation: InviteToProjectDto,
  ): Promise<InvitationDto> {
    return this.reader.issued(
      await this.invitations.invite(caller, { type: 'PROJECT', id, organisationId }, invitation),
    );
  }
}
