import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import type { Caller, Principal } from '../access/caller.js';
import { hashOf } from '../access/credential.js';
import { MEMBER_ROLE, platformRoleName } from '../access/permissions.js';
import { languageFor } from '../languages/languages.js';
import { letterheadOf } from '../organisations/letterhead.js';
import type { Platform } from '../platform/platform.entity.js';
import { PlatformService } from '../platform/platform.service.js';
import { displayName, fullName, User } from '../users/user.entity.js';
import type { Grants } from './grants.js';
import { newInvitationToken } from './invitation-token.js';
import { type Invitation, inviterOf } from './invitation.entity.js';
import { invitationMail } from './invitation.mail.js';
import { reminderMail } from './reminder.mail.js';
import { reminderMoment } from './reminder-moment.js';
import { SendingLimits } from './sending-limits.js';

type Mailed = Pick<
  Invitation,
  'id' | 'organisationId' | 'email' | 'givenName' | 'familyName' | 'message' | 'locale' | 'expiresAt'
>;

/** What is to be sent, to whom, and whether by mail. */
export interface Sending {
  caller: Caller;
  invitation: Mailed & Pick<Invitation, 'sendEmail' | 'reminder' | 'expiryHours'>;
  grants: Grants;
  /** Whether the caller may see the link when no mail is sent. */
  mayLink: boolean;
}

/** The new secret of an invitation, as the invitation keeps it, and the link if the caller may see it. */
export interface Sent {
  tokenHash: Buffer;
  mailMessageId: string | null;
  remindAt: Date | null;
  linkShown: boolean;
  link?: string;
}

export interface Reminder {
  reminderTokenHash: Buffer;
  mailMessageId: string;
}

interface Letter {
  from: Principal;
  invitation: Mailed;
  grants: Grants;
  token: string;
  write: typeof invitationMail;
}

/** Makes the secret of an invitation and hands it to the one place where it may go: the mail, or else the inviter. */
@Injectable()
export class InvitationSender {
  constructor(
    private readonly configuration: Configuration,
    private readonly platform: PlatformService,
    private readonly limits: SendingLimits,
    private readonly outbox: Outbox,
  ) {}

  async send(tx: EntityManager, sending: Sending): Promise<Sent> {
    const token = newInvitationToken();
    const tokenHash = hashOf(token);
    const isMailed = sending.invitation.sendEmail && this.outbox.isOpen;
    const reachesSomebody = isMailed || sending.mayLink;
    const platform = await this.platform.settings(tx);
    await this.limits.count(tx, { caller: sending.caller, ...sending.invitation, reachesSomebody }, platform.limits);
    const unsent = { tokenHash, mailMessageId: null, remindAt: null };
    if (!reachesSomebody) return { ...unsent, linkShown: false };
    if (isMailed) {
      const { caller: from, invitation, grants } = sending;
      const mailMessageId = await this.mail(tx, platform, { from, invitation, grants, token, write: invitationMail });
      return { tokenHash, linkShown: false, mailMessageId, remindAt: await reminderMoment(tx, invitation) };
    }
    const link = `${this.configuration.publicUrl}/join#token=${token}`;
    return { ...unsent, linkShown: true, link };
  }

  /** A second link, which goes by mail alone; the first one keeps working. Null when the recipient has got enough from here today. */
  async remind(tx: EntityManager, invitation: Invitation, grants: Grants): Promise<Reminder | null> {
    const platform = await this.platform.settings(tx);
    if (!(await this.limits.allowsReminder(tx, invitation, platform.limits))) return null;
    const token = newInvitationToken();
    const letter = { from: inviterOf(invitation), invitation, grants, token, write: reminderMail };
    return { reminderTokenHash: hashOf(token), mailMessageId: await this.mail(tx, platform, letter) };
  }

  private async mail(
    tx: EntityManager,
    platform: Platform,
    { from, invitation, grants, token, write }: Letter,
  ): Promise<string> {
    const { id, organisationId, message, expiresAt } = invitation;
    const inviter = from.type === 'user' ? await tx.findOneByOrFail(User, { id: from.id }) : null;
    const letterhead = await letterheadOf(tx, platform, organisationId);
    const content = write(languageFor(invitation.locale, letterhead.locale), letterhead, {
      inviter: inviter && displayName(inviter),
      ...inWords(grants),
      message,
      expiresAt,
    });
    const to = { address: invitation.email, name: fullName(invitation) };
    return this.outbox.enqueue(tx, {
      tenantId: organisationId,
      subjectId: id,
      to,
      content,
      token,
      sendBefore: expiresAt,
      recipientLimit: platform.limits.mailsPerRecipientPerDay,
    });
  }
}

const inWords = ({ platformRole, role, projects }: Grants) => ({
  role: platformRole ? platformRoleName(platformRole) : (role ?? MEMBER_ROLE).name,
  projects: projects.map((grant) => ({ name: grant.project.name, role: grant.role.name })),
});
