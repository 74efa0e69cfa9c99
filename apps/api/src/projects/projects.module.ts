import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PlatformModule } from '../platform/platform.module.js';
import { UsersModule } from '../users/users.module.js';
import { AddedToProject } from './added-to-project.js';
import { MemberAccessController } from './member-access.controller.js';
import { MemberAccessService } from './member-access.service.js';
import { MyMembershipsController } from './my-memberships.controller.js';
import { MyMembershipsService } from './my-memberships.service.js';
import { Project } from './project.entity.js';
import { ProjectMembersController } from './project-members.controller.js';
import { ProjectMembersService } from './project-members.service.js';
import { ProjectMembership } from './project-membership.entity.js';
import { ProjectMembershipRepository } from './project-membership.repository.js';
import { ProjectRepository } from './project.repository.js';
import { ProjectsController } from './projects.controller.js';
import { ProjectsService } from './projects.service.js';

/** What an organisation lets people into, and who is in it. */
@Module({
  imports: [OrganisationsModule, PlatformModule, UsersModule, TypeOrmModule.forFeature([Project, ProjectMembership])],
  controllers: [ProjectsController, ProjectMembersController, MyMembershipsController, MemberAccessController],
  providers: [
    ProjectRepository,
    ProjectMembershipRepository,
    AddedToProject,
    ProjectsService,
    ProjectMembersService,
    MyMembershipsService,
    MemberAccessService,
  ],
  exports: [ProjectsService, MyMembershipsService],
})
export class ProjectsModule {}
