import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { PlatformModule } from '../../platform/platform.module.js';
import { ProjectsModule } from '../../projects/projects.module.js';
import { ActivepiecesInvitationsService } from './activepieces-invitations.service.js';
import { ActivepiecesPlaces } from './activepieces-places.js';
import { ActivepiecesController, ActivepiecesUnderApiController } from './activepieces.controller.js';

/** The invitation API of Activepieces. */
@Module({
  imports: [PlatformModule, InvitationsModule, OrganisationsModule, ProjectsModule],
  controllers: [ActivepiecesController, ActivepiecesUnderApiController],
  providers: [ActivepiecesInvitationsService, ActivepiecesPlaces],
})
export class ActivepiecesModule {}
