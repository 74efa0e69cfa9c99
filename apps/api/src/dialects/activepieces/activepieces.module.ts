import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { ActivepiecesInvitationsService } from './activepieces-invitations.service.js';
import { ActivepiecesPlaces } from './activepieces-places.js';
import { ActivepiecesRepository } from './activepieces.repository.js';
import { ActivepiecesController, ActivepiecesUnderApiController } from './activepieces.controller.js';

/** The invitation API of Activepieces. */
@Module({
  imports: [InvitationsModule, OrganisationsModule],
  controllers: [ActivepiecesController, ActivepiecesUnderApiController],
  providers: [ActivepiecesInvitationsService, ActivepiecesPlaces, ActivepiecesRepository],
})
export class ActivepiecesModule {}
