import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { MemberAccessDto, MemberAccessQuery } from './member-access.dto.js';
import { MemberAccessService } from './member-access.service.js';

@ApiTags('members')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/members/:userId/access')
export class MemberAccessController {
  constructor(private readonly access: MemberAccessService) {}

  /** Explains what a member may do, and through which role. Of others in a project, to those who see its members. What they hold through a platform role is shown to platform staff alone. */
  @Get()
  @RequirePermission('members:read')
  explain(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('userId') userId: string,
    @Query() { projectId }: MemberAccessQuery,
  ): Promise<MemberAccessDto> {
    return this.access.explain(caller, { organisationId, userId, projectId });
  }
}
