import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import { MailMessage, MailRefusals, Outbox } from '@usher/mailer';
import { DataSource, type EntityManager, In, IsNull, Raw } from 'typeorm';
import { invitationEvent } from './invitation-audit.js';
import { InvitationSender } from './invitation-sender.js';
import { Invitation } from './invitation.entity.js';
import { InviterStanding } from './inviter-standing.js';
import { readReminderLead } from './reminder-moment.js';

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
    private readonly standing: InviterStanding,
    private readonly sender: InvitationSender,
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

  /** The inviter's standing is locked before the invitation, as everywhere. False when another replica has it, or it is not due any more. */
  private async remindWithin(tx: EntityManager, due: Invitation): Promise<boolean> {
    const { id, invitedById } = due;
    const grants = await this.standing.grantsGiven(tx, due);
    const invitation = await tx.findOne(Invitation, {
      where: { id, invitedById, ...isDue() },
      lock: { mode: 'for_no_key_update', onLocked: 'skip_locked' },
    });
    if (!invitation) return false;
    const isWanted = grants !== null && (await this.isStillWanted(tx, invitation));
    const reminder = isWanted ? await this.sender.remind(tx, invitation, grants) : null;
    await tx.update(Invitation, { id }, { remindAt: null, ...reminder });
    if (reminder) await this.audit.record(tx, invitationEvent('invitation.reminded', invitation));
    return true;
  }

  /** Not when it has lapsed, its organisation or its recipient wants none, nor when its first mail has not left or did not arrive. */
  private async isStillWanted(tx: EntityManager, invitation: Invitation): Promise<boolean> {
    const { isOpen, organisationId, email, mailMessageId } = invitation;
    if (!isOpen || (await readReminderLead(tx, organisationId)) === 0) return false;
    if ((await this.refusals.of(tx, { tenantId: organisationId, address: email })).tenant) return false;
    return tx.existsBy(MailMessage, { id: mailMessageId ?? IsNull(), status: In(['SENT', 'DELIVERED']) });
  }
}
