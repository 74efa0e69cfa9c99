import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission, SignedIn } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import {
  ChangeOrganisationStatusDto,
  ChangePlanDto,
  CreateOrganisationDto,
  OrganisationDto,
  OrganisationListQuery,
  OrganisationPageDto,
  UpdateOrganisationDto,
} from './organisation.dto.js';
import { OrganisationsService } from './organisations.service.js';

@ApiTags('organisations')
@Controller('organisations')
export class OrganisationsController {
  constructor(private readonly organisations: OrganisationsService) {}

  /** Lists your organisations, newest first. Platform staff see all. */
  @Get()
  @SignedIn()
  async list(@CurrentCaller() caller: Caller, @Query() query: OrganisationListQuery): Promise<OrganisationPageDto> {
    const page = await this.organisations.list(caller, query);
    return { ...page, data: page.data.map(OrganisationDto.from) };
  }

  /**
   * Creates an organisation; you become its OWNER. For platform admins, or for everyone if the platform's settings say
   * so.
   */
  @Post()
  @SignedIn()
  @Idempotent()
  async create(@CurrentCaller() caller: Caller, @Body() organisation: CreateOrganisationDto): Promise<OrganisationDto> {
    return OrganisationDto.from(await this.organisations.create(caller, organisation));
  }

  /** Shows one organisation. */
  @Get(':organisationId')
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('organisation:read')
  async get(@CurrentOrganisation() organisationId: string): Promise<OrganisationDto> {
    return OrganisationDto.from(await this.organisations.get(organisationId));
  }

  /** Renames an organisation or changes its settings. Fields left out stay as they are. */
  @Patch(':organisationId')
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('organisation:update')
  async update(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() changes: UpdateOrganisationDto,
  ): Promise<OrganisationDto> {
    return OrganisationDto.from(await this.organisations.update(caller, organisationId, changes));
  }

  /** Changes what an organisation's plan allows. */
  @Put(':organisationId/plan')
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('platform:manage')
  async changePlan(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() plan: ChangePlanDto,
  ): Promise<OrganisationDto> {
    return OrganisationDto.from(await this.organisations.changePlan(caller, organisationId, plan));
  }

  /** Suspends or reactivates an organisation. */
  @Put(':organisationId/status')
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('platform:manage')
  async changeStatus(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() { status }: ChangeOrganisationStatusDto,
  ): Promise<OrganisationDto> {
    return OrganisationDto.from(await this.organisations.changeStatus(caller, organisationId, status));
  }

  /** Deletes an organisation. Its projects, memberships and invitations are deleted with it. */
  @Delete(':organisationId')
  @HttpCode(204)
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('organisation:delete')
  async delete(@CurrentCaller() caller: Caller, @CurrentOrganisation() organisationId: string): Promise<void> {
    await this.organisations.delete(caller, organisationId);
  }
}
