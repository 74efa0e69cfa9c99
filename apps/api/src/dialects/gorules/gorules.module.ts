import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { ProjectsModule } from '../../projects/projects.module.js';
import { GorulesInvitationsController } from './gorules-invitations.controller.js';
import { GorulesInvitationsService } from './gorules-invitations.service.js';
import { PeopleRepository } from './people.repository.js';
import { GorulesUsersController } from './gorules-users.controller.js';

/** The invitation API of GoRules. */
@Module({
  imports: [InvitationsModule, OrganisationsModule, ProjectsModule],
  controllers: [GorulesUsersController, GorulesInvitationsController],
  providers: [GorulesInvitationsService, PeopleRepository],
})
export class GorulesModule {}
