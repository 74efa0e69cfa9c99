import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PlatformModule } from '../platform/platform.module.js';
import { ProjectsModule } from '../projects/projects.module.js';
import { UsersModule } from '../users/users.module.js';
import { BulkFactsReader } from './bulk/bulk-facts.js';
import { BulkInvitationsController } from './bulk/bulk-invitations.controller.js';
import { BulkInvitationsService } from './bulk/bulk-invitations.service.js';
import { BulkWriter } from './bulk/bulk-writer.js';
import { AcceptanceService } from './acceptance.service.js';
import { GrantGiver } from './grant-giver.js';
import { GrantsReader } from './grants-reader.js';
import { InvitationChangesService } from './invitation-changes.service.js';
import { InvitationReader } from './invitation-reader.js';
import { InvitationRemindersService } from './invitation-reminders.service.js';
import { InvitationSender } from './invitation-sender.js';
import { InvitationUpsertsService } from './invitation-upserts.service.js';
import { InvitationsController } from './invitations.controller.js';
import { AcceptanceShortcut } from './shortcut/acceptance-shortcut.js';
import { InvitationShortcut } from './shortcut/invitation-shortcut.service.js';
import { InvitationsService } from './invitations.service.js';
import { InviteeController } from './invitee.controller.js';
import { InviteeService } from './invitee.service.js';
import { MailPreviewController } from './mail-preview.controller.js';
import { MailPreviewService } from './mail-preview.service.js';
import { InviterStanding } from './inviter-standing.js';
import { MyInvitationsController } from './my-invitations.controller.js';
import { OrganisationInvitationsController } from './organisation-invitations.controller.js';
import { PlatformInvitationsController } from './platform-invitations.controller.js';
import { PeopleReader } from './people-reader.js';
import { ProjectInvitationsController } from './project-invitations.controller.js';
import { RefusalsController } from './refusals.controller.js';
import { RefusalsService } from './refusals.service.js';
import { RenewalRequestsService } from './renewal-requests.service.js';
import { SeatsController } from './seats.controller.js';
import { SeatsService } from './seats.service.js';
import { SendingLimits } from './sending-limits.js';
import { OldMail } from './old-mail.js';
import { WithdrawalsService } from './withdrawals.service.js';

/** Invite, resend, accept. */
@Module({
  imports: [PlatformModule, UsersModule, AuthModule, OrganisationsModule, ProjectsModule, KeysModule],
  controllers: [
    InviteeController,
    RefusalsController,
    InvitationsController,
    OrganisationInvitationsController,
    BulkInvitationsController,
    ProjectInvitationsController,
    PlatformInvitationsController,
    MyInvitationsController,
    SeatsController,
    MailPreviewController,
  ],
  providers: [
    InvitationsService,
    InvitationChangesService,
    InvitationUpsertsService,
    BulkInvitationsService,
    BulkFactsReader,
    BulkWriter,
    InvitationReader,
    InvitationRemindersService,
    InvitationSender,
    InvitationShortcut,
    AcceptanceShortcut,
    InviterStanding,
    PeopleReader,
    InviteeService,
    AcceptanceService,
    GrantsReader,
    GrantGiver,
    RefusalsService,
    RenewalRequestsService,
    MailPreviewService,
    SeatsService,
    SendingLimits,
    OldMail,
    WithdrawalsService,
  ],
  exports: [
    InvitationsService,
    InvitationChangesService,
    InvitationUpsertsService,
    InvitationReader,
    PeopleReader,
    AcceptanceService,
    RefusalsService,
  ],
})
export class InvitationsModule {}
