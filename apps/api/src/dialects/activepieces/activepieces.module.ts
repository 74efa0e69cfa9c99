import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { ProjectsModule } from '../../projects/projects.module.js';

/** The invitation API of Activepieces. */
@Module({ imports: [InvitationsModule, OrganisationsModule, ProjectsModule], controllers: [] })
export class ActivepiecesModule {}
