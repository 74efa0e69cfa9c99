import { Module } from '@nestjs/common';
import { InvitationsModule } from '../../invitations/invitations.module.js';
import { OrganisationsModule } from '../../organisations/organisations.module.js';
import { DeepsetController } from './deepset.controller.js';

/** The invitation API of deepset. */
@Module({
  imports: [InvitationsModule, OrganisationsModule],
  controllers: [DeepsetController],
})
export class DeepsetModule {}
