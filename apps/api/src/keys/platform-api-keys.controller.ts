import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PageQuery } from '@usher/http';
import { CurrentCaller, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { ApiKeyPageDto, CreatedApiKeyDto, CreatePlatformApiKeyDto, RevokeApiKeyQuery } from './api-key.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyRules } from './key-rules.js';

@ApiTags('platform')
@Controller('platform/api-keys')
export class PlatformApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly rules: KeyRules,
  ) {}

  /** Lists the API keys of the platform, newest first. */
  @Get()
  @RequirePermission('platform:manage')
  list(@Query() query: PageQuery): Promise<ApiKeyPageDto> {
    return this.keys.list('platform', query);
  }

  /** Makes an API key with a platform role, everywhere. The key is shown this once. */
  @Post()
  @RequirePermission('platform:manage')
  create(@CurrentCaller() caller: Caller, @Body() key: CreatePlatformApiKeyDto): Promise<CreatedApiKeyDto> {
    return this.keys.create(caller, 'platform', key, (tx) =>
      this.rules.permitPlatformRole(tx, caller, key.platformRole),
    );
  }

  /** Revokes an API key of the platform, at once. */
  @Delete(':keyId')
  @HttpCode(204)
  @RequirePermission('platform:manage')
  async revoke(
    @CurrentCaller() caller: Caller,
    @Param('keyId') keyId: string,
    @Query() { withdrawInvitations = false }: RevokeApiKeyQuery,
  ): Promise<void> {
    await this.keys.revoke('platform', keyId, withdrawInvitations, async (tx, { platformRole }) => {
      await this.rules.permitPlatformRole(tx, caller, platformRole ?? 'MEMBER');
    });
  }
}
