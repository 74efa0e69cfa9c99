import { Body, Controller, Get, Post, Query, UseFilters } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent, ToleratesUnknown } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { organisationPlace } from '../../invitations/grants.js';
import { IssueInvitations } from '../../invitations/issue/issue-invitations.js';
import type { InviteRequest } from '../../invitations/issue/issue-request.js';
import { RolesService } from '../../organisations/roles.service.js';
import { DeepsetFilter } from './deepset.filter.js';
import { grantsNamed } from './deepset-grants.js';
import { DeepsetInvitationDto, DeepsetInviteDto } from './deepset-invitation.dto.js';
import { DeepsetRoleListDto, DeepsetRoleListQuery } from './deepset-role.dto.js';

@ApiTags('deepset')
@ApiParam({ name: 'organisationId' })
@ToleratesUnknown()
@Controller('organization/:organisationId')
export class DeepsetController {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly roles: RolesService,
  ) {}

  /**
   * Invites somebody to an organisation and its workspaces. An open invitation of the same address is sent again, with
   * a new link.
   */
  @Post('invitation')
  @RequirePermission('invitations:manage')
  @Idempotent()
  @UseFilters(new DeepsetFilter('body'))
  async invite(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() request: DeepsetInviteDto,
  ): Promise<DeepsetInvitationDto> {
    const place = organisationPlace(organisationId);
    const issued = await this.invitations.issueOne(caller, place, requestOf(request), { whenPending: 'resend' });
    const { key } = grantsNamed(issued.context.catalogue, request);
    return DeepsetInvitationDto.from(issued.invitation, organisationId, key);
  }

  /** Lists the roles that invitations can name. Both the built-in ones and the organisation's own. */
  @Get('roles')
  @RequirePermission('roles:read')
  @UseFilters(new DeepsetFilter('query'))
  async listRoles(
    @CurrentOrganisation() organisationId: string,
    @Query() query: DeepsetRoleListQuery,
  ): Promise<DeepsetRoleListDto> {
    return DeepsetRoleListDto.from(await this.roles.all(organisationId), query);
  }
}

/** deepset's clients may send a name that is empty. */
const requestOf = (request: DeepsetInviteDto): InviteRequest => ({
  email: request.email,
  givenName: request.given_name || undefined,
  familyName: request.family_name || undefined,
  mentions: { roles: 'all', projects: request.workspace_ids ?? [] },
  grants: (catalogue) => grantsNamed(catalogue, request).names,
});
