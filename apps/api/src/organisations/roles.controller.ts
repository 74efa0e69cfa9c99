import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission, SignedIn } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { CreateRoleDto, PermissionListDto, RoleDto, RoleListQuery, RolePageDto, UpdateRoleDto } from './role.dto.js';
import { RoleChangesService } from './role-changes.service.js';
import { RolesService } from './roles.service.js';

@ApiTags('roles')
@Controller()
export class RolesController {
  constructor(
    private readonly roles: RolesService,
    private readonly changes: RoleChangesService,
  ) {}

  /** Lists the roles of an organisation, by key. Both the built-in ones and its own. */
  @Get('organisations/:organisationId/roles')
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('roles:read')
  async list(@CurrentOrganisation() organisationId: string, @Query() query: RoleListQuery): Promise<RolePageDto> {
    const page = await this.roles.list(organisationId, query);
    return { ...page, data: page.data.map(RoleDto.from) };
  }

  /** Makes a role of the organisation's own. It can hold at most what you hold. */
  @Post('organisations/:organisationId/roles')
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('roles:manage')
  @Idempotent()
  async create(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() role: CreateRoleDto,
  ): Promise<RoleDto> {
    return RoleDto.from(await this.changes.create(caller, organisationId, role));
  }

  /**
   * Renames a role of your own, or changes what it holds. It takes effect on the next request of whoever holds the
   * role.
   */
  @Patch('roles/:roleId')
  @RequirePermission('roles:manage')
  async change(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('roleId') roleId: string,
    @Body() changes: UpdateRoleDto,
  ): Promise<RoleDto> {
    return RoleDto.from(await this.changes.change(caller, organisationId, roleId, changes));
  }

  /** Deletes a custom role. Nobody may hold it, and no open invitation may grant it. Its key is free again. */
  @Delete('roles/:roleId')
  @HttpCode(204)
  @RequirePermission('roles:manage')
  async delete(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('roleId') roleId: string,
  ): Promise<void> {
    await this.changes.delete(caller, organisationId, roleId);
  }

  /** Lists the permissions that roles can hold. */
  @Get('permissions')
  @SignedIn()
  permissions(): PermissionListDto {
    return PermissionListDto.all();
  }
}
