import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import type { Caller, Principal } from '../access/caller.js';
import { hashOf } from '../access/credential.js';
import { letterheadFrom } from '../organisations/letterhead.js';
import { Organisation } from '../organisations/organisation.entity.js';
import type { Platform } from '../platform/platform.entity.js';
import { PlatformService } from '../platform/platform.service.js';
import { displayName, User } from '../users/user.entity.js';
import type { Grants } from './grants.js';
import { type Letter, letterOf, type Mailed, type Stationery, writingOnce } from './invitation-letter.js';
import { newInvitationToken } from './invitation-token.js';
import { type Invitation, inviterOf } from './invitation.entity.js';
import { invitationMail } from './invitation.mail.js';
import { reminderLead, reminderMoment } from './reminder-moment.js';
import { reminderMail } from './reminder.mail.js';
import { type Counted, SendingLimits } from './sending-limits.js';

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

/** Mails of one inviter in one organisation, or in none. */
interface Letters {
  from: Principal;
  letters: Letter[];
  write: Stationery['write'];
}

/** Where mails come from. */
interface Place {
  /** Null: the platform itself. */
  organisation: Organisation | null;
  platform: Platform;
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
    const made = sendings.map((sending) => ({ ...sending, token: newInvitationToken(), id: sending.invitation.id }));
    const mailed = made.filter(({ invitation }) => this.isMailed(invitation));
    if (mailed.length === 0) return made.map((sending) => this.unsent(sending));
    const [{ caller, invitation: first }] = mailed;
    const organisation = await organisationOf(tx, first);
    const letters = { from: caller, letters: mailed, write: invitationMail };
    const ids = await this.mail(tx, { organisation, platform }, letters);
    const lead = reminderLead({ organisation, platform });
    const mailIds = new Map(mailed.map(({ id }, index) => [id, ids[index]]));
    return made.map((sending) => {
      const mailMessageId = mailIds.get(sending.id);
      if (!mailMessageId) return this.unsent(sending);
      const { invitation, token } = sending;
      return {
        tokenHash: hashOf(token),
        linkShown: false,
        mailMessageId,
        remindAt: reminderMoment(invitation, lead),
      };
    });
  }

  /** A second link, which goes by mail alone; the first one keeps working. Null when the recipient has got enough from here today. */
  async remind(tx: EntityManager, invitation: Invitation, grants: Grants): Promise<Reminder | null> {
    const platform = await this.platform.settings(tx);
    if (!(await this.limits.allowsReminder(tx, invitation, platform.limits))) return null;
    const token = newInvitationToken();
    const organisation = await organisationOf(tx, invitation);
    const letters = { from: inviterOf(invitation), letters: [{ invitation, grants, token }], write: reminderMail };
    const [mailMessageId] = await this.mail(tx, { organisation, platform }, letters);
    return { reminderTokenHash: hashOf(token), mailMessageId };
  }

  private isMailed({ sendEmail }: Sending['invitation']): boolean {
    return sendEmail && this.outbox.isOpen;
  }

  /** The link goes to the caller if they may see it, and nowhere otherwise. */
  private unsent({ mayLink, token }: Sending & { token: string }): Sent {
    const unsent = { tokenHash: hashOf(token), mailMessageId: null, remindAt: null };
    if (!mayLink) return { ...unsent, linkShown: false };
    return { ...unsent, linkShown: true, link: `${this.configuration.publicUrl}/join#token=${token}` };
  }

  private async mail(
    tx: EntityManager,
    { organisation, platform }: Place,
    { from, letters, write }: Letters,
  ): Promise<string[]> {
    const inviter = from.type === 'user' ? await tx.findOneByOrFail(User, { id: from.id }) : null;
    const letterhead = letterheadFrom(platform, organisation);
    const recipientLimit = platform.limits.mailsPerRecipientPerDay;
    const sender = { letterhead, inviter: inviter && displayName(inviter), recipientLimit };
    const stationery = { ...sender, write: writingOnce(write) };
    const mails = letters.map((letter) => letterOf(letter, stationery));
    return this.outbox.enqueueAll(tx, mails);
  }
}

const organisationOf = async (tx: EntityManager, { organisationId: id }: Mailed): Promise<Organisation | null> =>
  id === null ? null : tx.findOneByOrFail(Organisation, { id });
