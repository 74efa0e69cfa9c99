import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { PlatformModule } from '../platform/platform.module.js';
import { ProjectsModule } from '../projects/projects.module.js';
import { UsersModule } from '../users/users.module.js';
import { BulkInvitationsController } from './http/bulk-invitations.controller.js';
import { BulkInvitationsService } from './bulk/bulk-invitations.service.js';
import { AcceptContexts } from './accept/accept-context.js';
import { AcceptContextRepository } from './accept/accept-context.repository.js';
import { AcceptInvitation } from './accept/accept-invitation.js';
import { AcceptWrites } from './accept/accept-writes.js';
import { GivenGrants } from './accept/given-grants.js';
import { EndInvitations } from './end/end-invitations.js';
import { WithdrawalsService } from './end/withdrawals.service.js';
import { InvitationRepository } from './invitation.repository.js';
import { IssueContexts } from './issue/issue-context.js';
import { IssueContextRepository } from './issue/issue-context.repository.js';
import { IssueInvitations } from './issue/issue-invitations.js';
import { IssueWrites } from './issue/issue-writes.js';
import { InvitationViewRepository } from './invitation-view.repository.js';
import { InvitationRemindersService } from './email/invitation-reminders.service.js';
import { InvitationsController } from './http/invitations.controller.js';
import { InviteeController } from './http/invitee.controller.js';
import { InviteeRepository } from './invitee.repository.js';
import { InviteeService } from './invitee.service.js';
import { MailPreviewController } from './email/mail-preview.controller.js';
import { MailPreviewService } from './email/mail-preview.service.js';
import { MyInvitationsController } from './http/my-invitations.controller.js';
import { OrganisationInvitationsController } from './http/organisation-invitations.controller.js';
import { PlatformInvitationsController } from './http/platform-invitations.controller.js';
import { ProjectInvitationsController } from './http/project-invitations.controller.js';
import { RenewalRequestsService } from './email/renewal-requests.service.js';
import { OldMail } from './email/old-mail.js';

/** Invite, resend, accept. */
@Module({
  imports: [PlatformModule, UsersModule, AuthModule, OrganisationsModule, ProjectsModule, KeysModule, PlansModule],
  controllers: [
    InviteeController,
    InvitationsController,
    OrganisationInvitationsController,
    BulkInvitationsController,
    ProjectInvitationsController,
    PlatformInvitationsController,
    MyInvitationsController,
    MailPreviewController,
  ],
  providers: [
    IssueInvitations,
    IssueContexts,
    IssueContextRepository,
    IssueWrites,
    AcceptInvitation,
    AcceptContexts,
    AcceptContextRepository,
    AcceptWrites,
    GivenGrants,
    EndInvitations,
    WithdrawalsService,
    InvitationRepository,
    BulkInvitationsService,
    InvitationViewRepository,
    InvitationRemindersService,
    InviteeRepository,
    InviteeService,
    RenewalRequestsService,
    MailPreviewService,
    OldMail,
  ],
  exports: [IssueInvitations, AcceptInvitation, EndInvitations, InvitationViewRepository],
})
export class InvitationsModule {}
