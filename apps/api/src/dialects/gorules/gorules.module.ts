import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { ProjectsModule } from '../../projects/projects.module.js';

/** The invitation API of GoRules. */
@Module({ imports: [InvitationsModule, OrganisationsModule, ProjectsModule], controllers: [] })
export class GorulesModule {}
