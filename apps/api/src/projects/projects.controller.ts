import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission, SignedIn } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { CreateProjectDto, ProjectDto, ProjectListQuery, ProjectPageDto, UpdateProjectDto } from './project.dto.js';
import { ProjectsService } from './projects.service.js';

@ApiTags('projects')
@Controller()
export class ProjectsController {
  constructor(private readonly projects: ProjectsService) {}

  /** Lists an organisation's projects, newest first. Only those that you can read. */
  @Get('organisations/:organisationId/projects')
  @ApiParam({ name: 'organisationId' })
  @SignedIn()
  async list(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Query() query: ProjectListQuery,
  ): Promise<ProjectPageDto> {
    const page = await this.projects.list(caller, organisationId, query);
    return { ...page, data: page.data.map(ProjectDto.from) };
  }

  /** Creates a project in an organisation. */
  @Post('organisations/:organisationId/projects')
  @ApiParam({ name: 'organisationId' })
  @RequirePermission('projects:create')
  @Idempotent()
  async create(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() project: CreateProjectDto,
  ): Promise<ProjectDto> {
    return ProjectDto.from(await this.projects.create(caller, organisationId, project));
  }

  /** Shows one project. */
  @Get('projects/:projectId')
  @RequirePermission('project:read')
  async get(@Param('projectId') projectId: string): Promise<ProjectDto> {
    return ProjectDto.from(await this.projects.get(projectId));
  }

  /** Changes a project; what is left out stays. */
  @Patch('projects/:projectId')
  @RequirePermission('project:update')
  async update(
    @CurrentCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @Body() changes: UpdateProjectDto,
  ): Promise<ProjectDto> {
    return ProjectDto.from(await this.projects.update(caller, projectId, changes));
  }

  /** Deletes a project. Its memberships are deleted, and open invitations to it are withdrawn. */
  @Delete('projects/:projectId')
  @HttpCode(204)
  @RequirePermission('project:delete')
  async delete(@CurrentCaller() caller: Caller, @Param('projectId') projectId: string): Promise<void> {
    await this.projects.delete(caller, projectId);
  }
}
