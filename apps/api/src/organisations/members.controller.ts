import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Json } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission, SignedIn } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import {
  ChangeMemberStatusDto,
  ChangeRoleDto,
  MemberDto,
  MemberListQuery,
  MemberPageDto,
  RemoveMemberQuery,
} from './member.dto.js';
import { MembersService } from './members.service.js';

@ApiTags('members')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/members')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  /** Lists the members, longest first. */
  @Get()
  @RequirePermission('members:read')
  @ApiOkResponse({ type: MemberPageDto })
  list(@CurrentOrganisation() organisationId: string, @Query() query: MemberListQuery): Promise<Json<MemberPageDto>> {
    return this.members.list(organisationId, query);
  }

  /** Shows one member. */
  @Get(':userId')
  @RequirePermission('members:read')
  async get(@CurrentOrganisation() organisationId: string, @Param('userId') userId: string): Promise<MemberDto> {
    return MemberDto.from(await this.members.get(organisationId, userId));
  }

  /** Gives a member another role. Neither the present nor the new role may hold more than you do. */
  @Put(':userId/role')
  @RequirePermission('members:manage')
  async changeRole(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('userId') userId: string,
    @Body() { role }: ChangeRoleDto,
  ): Promise<MemberDto> {
    return MemberDto.from(await this.members.changeRole(caller, organisationId, userId, role));
  }

  /** Suspends or reactivates a member. Suspending withdraws the open invitations that the member is responsible for. */
  @Put(':userId/status')
  @RequirePermission('members:manage')
  async changeStatus(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('userId') userId: string,
    @Body() { status }: ChangeMemberStatusDto,
  ): Promise<MemberDto> {
    return MemberDto.from(await this.members.changeStatus(caller, organisationId, userId, status));
  }

  /** Removes a member, or lets you leave. The last active owner stays: 409 `last_owner`. */
  @Delete(':userId')
  @HttpCode(204)
  @SignedIn()
  async remove(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('userId') userId: string,
    @Query() { revokeKeys = false }: RemoveMemberQuery,
  ): Promise<void> {
    await this.members.remove(caller, organisationId, userId, revokeKeys);
  }
}
