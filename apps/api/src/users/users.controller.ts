import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { UpdateUserDto, UserDto, UserListQuery, UserPageDto } from './user.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** Lists everybody with an account, newest first. */
  @Get()
  @RequirePermission('users:read')
  async list(@Query() query: UserListQuery): Promise<UserPageDto> {
    const page = await this.users.list(query);
    return { ...page, data: page.data.map(UserDto.from) };
  }

  /** Shows one account. */
  @Get(':userId')
  @RequirePermission('users:read')
  async get(@Param('userId') userId: string): Promise<UserDto> {
    return UserDto.from(await this.users.get(userId));
  }

  /** Changes somebody's status, platform role or name. 409 `last_platform_admin` protects the last admin. */
  @Patch(':userId')
  @RequirePermission('users:manage')
  async update(
    @CurrentCaller() caller: Caller,
    @Param('userId') userId: string,
    @Body() changes: UpdateUserDto,
  ): Promise<UserDto> {
    return UserDto.from(await this.users.update(caller, userId, changes));
  }

  /** Erases somebody. Account, memberships and personal data are deleted; the audit trail keeps the id. */
  @Delete(':userId')
  @HttpCode(204)
  @RequirePermission('users:manage')
  async erase(@CurrentCaller() caller: Caller, @Param('userId') userId: string): Promise<void> {
    await this.users.erase(caller, userId);
  }
}
