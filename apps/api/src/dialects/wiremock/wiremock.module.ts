import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { ProjectsModule } from '../../projects/projects.module.js';
import { WiremockInvitationsController } from './wiremock-invitations.controller.js';
import { WiremockInvitationsService } from './wiremock-invitations.service.js';

/** The invitation API of WireMock. */
@Module({
  imports: [InvitationsModule, OrganisationsModule, ProjectsModule],
  controllers: [WiremockInvitationsController],
  providers: [WiremockInvitationsService],
})
export class WiremockModule {}
