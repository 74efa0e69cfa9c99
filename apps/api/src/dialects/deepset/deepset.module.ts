import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { ProjectsModule } from '../../projects/projects.module.js';
import { DeepsetController } from './deepset.controller.js';
import { DeepsetGrants } from './deepset-grants.js';

/** The invitation API of deepset. */
@Module({
  imports: [InvitationsModule, OrganisationsModule, ProjectsModule],
  controllers: [DeepsetController],
  providers: [DeepsetGrants],
})
export class DeepsetModule {}
