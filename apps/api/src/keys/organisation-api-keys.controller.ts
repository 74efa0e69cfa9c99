import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { ApiKeyPageDto, CreatedApiKeyDto, CreateOrganisationApiKeyDto, RevokeApiKeyQuery } from './api-key.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyRules } from './key-rules.js';

@ApiTags('keys')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/api-keys')
export class OrganisationApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly rules: KeyRules,
  ) {}

  /** Lists the API keys of an organisation, newest first. */
  @Get()
  @RequirePermission('keys:manage')
  list(@CurrentOrganisation() organisationId: string, @Query() query: PageQuery): Promise<ApiKeyPageDto> {
    return this.keys.list({ organisationId }, query);
  }

  /**
   * Creates an API key of the organisation. It holds one role, and outlives your membership. The key is shown this
   * once.
   */
  @Post()
  @RequirePermission('keys:manage')
  create(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() key: CreateOrganisationApiKeyDto,
  ): Promise<CreatedApiKeyDto> {
    return this.keys.create(caller, { organisationId }, key, (tx) =>
      this.rules.permitRole(tx, caller, organisationId, key.role),
    );
  }

  /** Revokes an API key, at once. It may not hold more than you do. */
  @Delete(':keyId')
  @HttpCode(204)
  @RequirePermission('keys:manage')
  async revoke(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('keyId') keyId: string,
    @Query() { withdrawInvitations = false }: RevokeApiKeyQuery,
  ): Promise<void> {
    await this.keys.revoke({ organisationId }, keyId, withdrawInvitations, async (tx, { roleId }) => {
      await this.rules.permitRole(tx, caller, organisationId, roleId ?? '');
    });
  }
}
