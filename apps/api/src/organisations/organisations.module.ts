import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PlatformModule } from '../platform/platform.module.js';
import { MembersController } from './members.controller.js';
import { MembersService } from './members.service.js';
import { Membership } from './membership.entity.js';
import { MembershipRepository } from './membership.repository.js';
import { Organisation } from './organisation.entity.js';
import { OrganisationRepository } from './organisation.repository.js';
import { OrganisationsController } from './organisations.controller.js';
import { OrganisationsService } from './organisations.service.js';
import { RoleChangesService } from './role-changes.service.js';
import { RoleRepository } from './role.repository.js';
import { RolesController } from './roles.controller.js';
import { RolesService } from './roles.service.js';

/** Tenants, who is in them, and the roles they give. */
@Module({
  imports: [PlatformModule, TypeOrmModule.forFeature([Organisation, Membership])],
  controllers: [OrganisationsController, MembersController, RolesController],
  providers: [
    OrganisationRepository,
    OrganisationsService,
    MembershipRepository,
    MembersService,
    RoleRepository,
    RolesService,
    RoleChangesService,
  ],
  exports: [OrganisationsService, MembershipRepository, MembersService, RoleRepository, RolesService],
})
export class OrganisationsModule {}
