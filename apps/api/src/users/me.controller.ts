import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, SignedIn } from '../access/access.decorators.js';
import type { Person } from '../access/caller.js';
import { UpdateMeDto, UserDto } from './user.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('me')
@Controller('me')
export class MeController {
  constructor(private readonly users: UsersService) {}

  /** Shows your own account. */
  @Get()
  @SignedIn('person')
  async get(@CurrentCaller() caller: Person): Promise<UserDto> {
    return UserDto.from(await this.users.get(caller.id));
  }

  /** Changes your name. */
  @Patch()
  @SignedIn('person')
  async update(@CurrentCaller() caller: Person, @Body() names: UpdateMeDto): Promise<UserDto> {
    return UserDto.from(await this.users.rename(caller.id, names));
  }
}
