import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PageQuery } from '@usher/http';
import { CurrentCaller, SignedIn } from '../access/access.decorators.js';
import type { SignedInPerson } from '../access/caller.js';
import { SessionsService } from '../auth/sessions.service.js';
import { ApiKeyPageDto, CreateApiKeyDto, CreatedApiKeyDto } from './api-key.dto.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('me')
@Controller('me/api-keys')
export class MyApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly sessions: SessionsService,
  ) {}

  /** Lists your personal API keys, newest first. */
  @Get()
  @SignedIn('session')
  list(@CurrentCaller() caller: SignedInPerson, @Query() query: PageQuery): Promise<ApiKeyPageDto> {
    return this.keys.list({ userId: caller.id }, query);
  }

  /**
   * Creates a personal API key. It acts as you, everywhere, until you change your password. The key is shown this once.
   */
  @Post()
  @SignedIn('session')
  create(@CurrentCaller() caller: SignedInPerson, @Body() key: CreateApiKeyDto): Promise<CreatedApiKeyDto> {
    return this.keys.create(caller, { userId: caller.id }, key, async (tx) => {
      await this.sessions.requireLive(tx, caller);
      return {};
    });
  }

  /** Revokes a personal API key, at once. */
  @Delete(':id')
  @HttpCode(204)
  @SignedIn('session')
  async revoke(@CurrentCaller() caller: SignedInPerson, @Param('id') id: string): Promise<void> {
    await this.keys.revoke({ userId: caller.id }, id, false, () => Promise.resolve());
  }
}
