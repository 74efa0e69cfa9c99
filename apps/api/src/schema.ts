import { AuditEvent } from '@usher/audit';
import { IdempotencyKey, ThrottleCounter } from '@usher/http';
import { MailboxMessage, MailMessage, MailRefusal, SendingCounter } from '@usher/mailer';
import { PasswordReset } from './auth/password-reset.entity.js';
import { Session } from './auth/session.entity.js';
import { InvitationGrant } from './invitations/invitation-grant.entity.js';
import { Invitation } from './invitations/invitation.entity.js';
import { Invitee } from './invitations/invitee.entity.js';
import { ApiKey } from './keys/api-key.entity.js';
import { migrations } from './migrations/index.js';
import { Membership } from './organisations/membership.entity.js';
import { Organisation } from './organisations/organisation.entity.js';
import { Role } from './organisations/role.entity.js';
import { Platform } from './platform/platform.entity.js';
import { ProjectMembership } from './projects/project-membership.entity.js';
import { Project } from './projects/project.entity.js';
import { User } from './users/user.entity.js';

/** Every table, and every step that led to it. */
export const schema = {
  entities: [
    ApiKey,
    AuditEvent,
    IdempotencyKey,
    Invitation,
    InvitationGrant,
    Invitee,
    MailboxMessage,
    MailMessage,
    MailRefusal,
    Membership,
    Organisation,
    PasswordReset,
    Platform,
    Project,
    ProjectMembership,
    Role,
    SendingCounter,
    Session,
    ThrottleCounter,
    User,
  ],
  migrations,
};
