import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { PlatformDto, UpdatePlatformDto } from './platform.dto.js';
import { PlatformService } from './platform.service.js';

@ApiTags('platform')
@Controller('platform')
export class PlatformController {
  constructor(private readonly platform: PlatformService) {}

  /** Shows the settings of this installation. */
  @Get()
  @RequirePermission('platform:read')
  async get(): Promise<PlatformDto> {
    return PlatformDto.from(await this.platform.settings());
  }

  /** Changes settings of this installation. Fields left out stay as they are. */
  @Patch()
  @RequirePermission('platform:manage')
  async update(@CurrentCaller() caller: Caller, @Body() changes: UpdatePlatformDto): Promise<PlatformDto> {
    return PlatformDto.from(await this.platform.update(caller, changes));
  }
}
