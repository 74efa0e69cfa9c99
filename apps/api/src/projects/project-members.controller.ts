import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Idempotent, PageQuery } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission, SignedIn } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { ChangeRoleDto } from '../organisations/member.dto.js';
import { AddProjectMemberDto, ProjectMemberDto, ProjectMemberPageDto } from './project.dto.js';
import { ProjectMembersService } from './project-members.service.js';

@ApiTags('projects')
@Controller('projects/:projectId/members')
export class ProjectMembersController {
  constructor(private readonly members: ProjectMembersService) {}

  /** Lists who is in the project, longest first. */
  @Get()
  @RequirePermission('project-members:read')
  async list(
    @CurrentOrganisation() organisationId: string,
    @Param('projectId') projectId: string,
    @Query() query: PageQuery,
  ): Promise<ProjectMemberPageDto> {
    const page = await this.members.list(organisationId, projectId, query);
    return { ...page, data: page.data.map(ProjectMemberDto.from) };
  }

  /** Adds a member of the organisation to the project. They get a mail. Others are invited instead. */
  @Post()
  @RequirePermission('project-members:manage')
  @Idempotent()
  async add(
    @CurrentCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @Body() member: AddProjectMemberDto,
  ): Promise<ProjectMemberDto> {
    return ProjectMemberDto.from(await this.members.add(caller, projectId, member));
  }

  /** Gives somebody another role in the project. Neither the present nor the new role may hold more than you do. */
  @Put(':userId/role')
  @RequirePermission('project-members:manage')
  async changeRole(
    @CurrentCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @Param('userId') userId: string,
    @Body() { role }: ChangeRoleDto,
  ): Promise<ProjectMemberDto> {
    return ProjectMemberDto.from(await this.members.changeRole(caller, projectId, userId, role));
  }

  /** Removes somebody from the project, or lets you leave it. */
  @Delete(':userId')
  @HttpCode(204)
  @SignedIn()
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @Param('userId') userId: string,
  ): Promise<void> {
    await this.members.remove(caller, projectId, userId);
  }
}
