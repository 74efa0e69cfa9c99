import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { type MailContent, Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../access/caller.js';
import { hashOf } from '../access/credential.js';
import { MEMBER_ROLE, platformRoleName } from '../access/permissions.js';
import type { Platform } from '../platform/platform.entity.js';
import { PlatformService } from '../platform/platform.service.js';
import { displayName, fullName, User } from '../users/user.entity.js';
import type { Grants } from './grants.js';
import { newInvitationToken } from './invitation-token.js';
import type { Invitation } from './invitation.entity.js';
import { organisationName } from './organisation-name.js';
import { invitationMail, type InvitationMailFacts } from './invitation.mail.js';
import { type Counted, SendingLimits } from './sending-limits.js';

/** What is to be sent, to whom, and whether by mail. */
export interface Sending {
  caller: Caller;
  invitation: Pick<
    Invitation,
    'id' | 'organisationId' | 'email' | 'givenName' | 'familyName' | 'message' | 'expiresAt' | 'sendEmail'
  >;
  grants: Grants;
  /** Whether the caller may see the link when no mail is sent. */
  mayLink: boolean;
}

/** The new secret of an invitation, as the invitation keeps it, and the link if the caller may see it. */
export interface Sent {
  tokenHash: Buffer;
  mailMessageId: string | null;
  linkShown: boolean;
  link?: string;
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
    const platform = await this.platform.settings(tx);
    await this.limits.count(tx, this.counted(sending), platform.limits);
    const [sent] = await this.sendAll(tx, [sending], platform);
    return sent;
  }

  /** How it counts against the limits. */
  counted({ caller, invitation, mayLink }: Sending): Counted {
    const { organisationId, email } = invitation;
    return { caller, organisationId, email, reachesSomebody: this.isMailed(invitation) || mayLink };
  }

  /** Many of one caller in one organisation, or in none; they were counted before. */
  async sendAll(tx: EntityManager, sendings: Sending[], platform: Platform): Promise<Sent[]> {
    const secrets = sendings.map(() => newInvitationToken());
    const mailed = sendings.flatMap((sending, index) =>
      this.isMailed(sending.invitation) ? [{ sending, token: secrets[index] }] : [],
    );
    const ids = await this.mail(tx, mailed, platform);
    const mailIds = new Map(mailed.map(({ sending }, index) => [sending, ids[index]]));
    return sendings.map((sending, index) => {
      const tokenHash = hashOf(secrets[index]);
      const mailMessageId = mailIds.get(sending) ?? null;
      if (mailMessageId || !sending.mayLink) return { tokenHash, linkShown: false, mailMessageId };
      const link = `${this.configuration.publicUrl}/join#token=${secrets[index]}`;
      return { tokenHash, linkShown: true, mailMessageId, link };
    });
  }

  private isMailed({ sendEmail }: Sending['invitation']): boolean {
    return sendEmail && this.outbox.isOpen;
  }

  private async mail(
    tx: EntityManager,
    mailed: { sending: Sending; token: string }[],
    { name: platform, limits }: Platform,
  ): Promise<string[]> {
    if (mailed.length === 0) return [];
    const { caller, invitation: first } = mailed[0].sending;
    const inviter = caller.type === 'user' ? await tx.findOneByOrFail(User, { id: caller.id }) : null;
    const organisation = await organisationName(tx, first.organisationId);
    const sender = { platform, inviter: inviter && displayName(inviter), organisation };
    const mails = mailed.map(({ sending, token }) => ({
      tenantId: first.organisationId,
      subjectId: sending.invitation.id,
      to: { address: sending.invitation.email, name: fullName(sending.invitation) },
      content: contentFor(sending, sender),
      token,
      sendBefore: sending.invitation.expiresAt,
      recipientLimit: limits.mailsPerRecipientPerDay,
    }));
    return this.outbox.enqueueAll(tx, mails);
  }
}

/** From whom a mail comes. */
type Sender = Pick<InvitationMailFacts, 'platform' | 'inviter' | 'organisation'>;

function contentFor({ invitation, grants }: Sending, sender: Sender): MailContent {
  const { message, expiresAt } = invitation;
  return invitationMail({ ...sender, ...inWords(grants), message, expiresAt });
}

const inWords = ({ platformRole, role, projects }: Grants) => ({
  role: platformRole ? platformRoleName(platformRole) : (role ?? MEMBER_ROLE).name,
  projects: projects.map((grant) => ({ name: grant.project.name, role: grant.role.name })),
});
