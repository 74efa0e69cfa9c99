import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { flush, Transactions } from '@usher/database';
import { MailMessage, MailRefusals, Outbox } from '@usher/mailer';
import { DataSource, type EntityManager, In, IsNull, Raw } from 'typeorm';
import { hashOf } from '../../access/credential.js';
import { letterheadOf } from '../../organisations/letterhead.js';
import { displayName, User } from '../../users/user.entity.js';
import { type AcceptContext, AcceptContexts } from '../accept/accept-context.js';
import { couldBeAccepted } from '../accept/accept-rules.js';
import { invitationEvent } from '../invitation-audit.js';
import { letterOf } from './invitation-letter.js';
import { newInvitationToken } from '../invitation-token.js';
import { Invitation } from '../invitation.entity.js';
import { readReminderLead } from './reminder-moment.js';
import { reminderMail } from './reminder.mail.js';
import { SendingLimits } from '../../plans/sending-limits.js';

const LOOK_EVERY = 60_000;
const AT_ONCE = 100;

const isDue = () => ({ status: 'PENDING' as const, remindAt: Raw((column) => `${column} <= now()`) });

/** Reminds once of each sending that nobody answered. Everything is asked when it is due; several replicas may look at once. */
@Injectable()
export class InvitationRemindersService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(InvitationRemindersService.name);
  private timer?: NodeJS.Timeout;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly contexts: AcceptContexts,
    private readonly limits: SendingLimits,
    private readonly outbox: Outbox,
    private readonly refusals: MailRefusals,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  onApplicationBootstrap(): void {
    this.stopped = !this.outbox.isOpen;
    if (!this.stopped) this.timer = setInterval(() => void this.run(), LOOK_EVERY).unref();
  }

  /** Lets the reminder that is being written be finished. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Sends what is due; who calls while a run is under way waits for that one. */
  run(): Promise<void> {
    this.running ??= this.remindAllDue().finally(() => (this.running = null));
    return this.running;
  }

  private async remindAllDue(): Promise<void> {
    try {
      while (!this.stopped && (await this.remindSome()));
    } catch (error) {
      this.logger.error(`Reminders cannot be read; trying again in a minute: ${String(error)}`);
    }
  }

  /** False when there was nothing that is not in the hands of another replica. */
  private async remindSome(): Promise<boolean> {
    const due = await this.dataSource.manager.find(Invitation, {
      where: isDue(),
      order: { remindAt: 'ASC' },
      take: AT_ONCE,
    });
    let taken = 0;
    for (const invitation of due) {
      if (!this.stopped && (await this.remind(invitation))) taken += 1;
    }
    return taken > 0;
  }

  private async remind(invitation: Invitation): Promise<boolean> {
    try {
      return await this.transactions.run((tx) => this.remindWithin(tx, invitation));
    } catch (error) {
      this.logger.error(`No reminder of invitation ${invitation.id}; trying again in an hour: ${String(error)}`);
      const later = { remindAt: () => `now() + interval '1 hour'` };
      await this.dataSource.manager.update(Invitation, { id: invitation.id, ...isDue() }, later);
      return true;
    }
  }

  /** Judged as an acceptance would be. False when another replica was first, or it is not due any more. */
  private async remindWithin(tx: EntityManager, { id }: Invitation): Promise<boolean> {
    const context = await this.contexts.load(tx, null, { tokenHash: null, id });
    if (!context || !isDueNow(context)) return false;
    const isWanted = couldBeAccepted(context) && (await this.isStillWanted(tx, context.invitation));
    const reminder = isWanted ? await this.send(tx, context) : null;
    await tx.update(Invitation, { id }, { remindAt: null, ...reminder });
    if (reminder) await this.audit.record(tx, invitationEvent('invitation.reminded', context.invitation));
    return true;
  }

  /** Not when its organisation or its recipient wants none, nor when its first mail has not left or did not arrive. */
  private async isStillWanted(tx: EntityManager, invitation: Invitation): Promise<boolean> {
    const { organisationId, email, mailMessageId } = invitation;
    if ((await readReminderLead(tx, organisationId)) === 0) return false;
    if ((await this.refusals.of(tx, { tenantId: organisationId, address: email })).tenant) return false;
    return tx.existsBy(MailMessage, { id: mailMessageId ?? IsNull(), status: In(['SENT', 'DELIVERED']) });
  }

  /** A second link, which goes by mail alone; the first one keeps working. Null when the recipient has got enough from here today. */
  private async send(tx: EntityManager, { invitation, grants, platform }: AcceptContext) {
    if (!(await this.limits.allowsReminder(tx, invitation, platform.limits))) return null;
    const token = newInvitationToken();
    const { invitedByType, invitedById: id, organisationId } = invitation;
    const inviter = invitedByType === 'user' ? await tx.findOneByOrFail(User, { id }) : null;
    const letter = letterOf(
      { invitation, grants, token },
      {
        letterhead: await letterheadOf(tx, platform, organisationId),
        inviter: inviter && displayName(inviter),
        write: reminderMail,
        recipientLimit: platform.limits.mailsPerRecipientPerDay,
      },
    );
    const { ids, statement } = this.outbox.queueing(tx, [letter]);
    await flush(tx, [statement]);
    return { reminderTokenHash: hashOf(token), mailMessageId: ids[0] };
  }
}

const isDueNow = ({ invitation: { status, remindAt }, now }: AcceptContext): boolean =>
  status === 'PENDING' && remindAt !== null && remindAt <= now;
