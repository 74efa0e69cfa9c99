import { Body, Controller, Get, Post, Query, UseFilters } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent, ToleratesUnknown } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { InvitationReader } from '../../invitations/invitation-reader.js';
import { InvitationUpsertsService } from '../../invitations/invitation-upserts.service.js';
import { RolesService } from '../../organisations/roles.service.js';
import { DeepsetFilter } from './deepset.filter.js';
import { DeepsetGrants } from './deepset-grants.js';
import { DeepsetInvitationDto, DeepsetInviteDto } from './deepset-invitation.dto.js';
import { DeepsetRoleListDto, DeepsetRoleListQuery } from './deepset-role.dto.js';

@ApiTags('deepset')
@ApiParam({ name: 'organisationId' })
@ToleratesUnknown()
@Controller('organization/:organisationId')
export class DeepsetController {
  constructor(
    private readonly grants: DeepsetGrants,
    private readonly invitations: InvitationUpsertsService,
    private readonly reader: InvitationReader,
    private readonly roles: RolesService,
  ) {}

  /** Invites somebody to an organisation and its workspaces. An open invitation of the same address is sent again, with a new link. */
  @Post('invitation')
  @RequirePermission('invitations:manage')
  @Idempotent()
  @UseFilters(new DeepsetFilter('body'))
  async invite(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() request: DeepsetInviteDto,
  ): Promise<DeepsetInvitationDto> {
    const { key, names } = await this.grants.named(organisationId, request);
    const place = { type: 'ORGANISATION', id: organisationId, organisationId } as const;
    const issued = await this.invitations.upsert(caller, place, { ...personIn(request), ...names });
    return DeepsetInvitationDto.from(await this.reader.issued(issued), organisationId, key);
  }

  /** Lists the roles that invitations can name: the built-in ones and the organisation's own. */
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
const personIn = ({ email, given_name, family_name }: DeepsetInviteDto) => ({
  email,
  givenName: given_name || undefined,
  familyName: family_name || undefined,
});
