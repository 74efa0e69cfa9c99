import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { WiremockInvitationsController } from './wiremock-invitations.controller.js';
import { WiremockInvitationsService } from './wiremock-invitations.service.js';
import { WiremockRepository } from './wiremock.repository.js';

/** The invitation API of WireMock. */
@Module({
  imports: [InvitationsModule],
  controllers: [WiremockInvitationsController],
  providers: [WiremockInvitationsService, WiremockRepository],
})
export class WiremockModule {}
