import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { DataSource } from 'typeorm';
import { CLAIMED, type ClaimedMail, namesOf } from './claimed-mail.js';
import { MailMessage, STATUS } from './mail-message.entity.js';
import { MailRendering } from './mail-rendering.js';
import { MailTransport } from './mail-transport.js';
import { PER_TURN } from './per-turn.js';
import { mailsTo } from './recipient-limit.js';
import { SendingCounters, TOMORROW } from './sending-counters.js';

/** One attempt at one mail that was claimed. */
export class Attempt {
  /** Its content was asked for: it may have left. */
  isHandedOver = false;
  /** This process ends: others send it. */
  isGivenBack = false;

  constructor(
    readonly mail: ClaimedMail,
    /** Of the channel, when it began. */
    readonly knowledge: number,
  ) {}
}

/** Sends what was claimed. What several mails ask of the database at the same moment is asked together. */
@Injectable()
export class MailSending {
  private readonly counting = new DataLoader((mails: readonly ClaimedMail[]) => this.countAll(mails), PER_TURN);
  private readonly reading = new DataLoader((mails: readonly ClaimedMail[]) => this.areWanted(mails), PER_TURN);

  constructor(
    private readonly dataSource: DataSource,
    private readonly rendering: MailRendering,
    private readonly transport: MailTransport,
    private readonly counters: SendingCounters,
  ) {}

  /** `held`: its recipient has got enough for today, and it waits. A mail that cannot be rendered or sent throws, alone. */
  async send(attempt: Attempt): Promise<'sent' | 'held'> {
    const { mail } = attempt;
    if (await this.isTooMany(mail)) return this.hold(mail);
    await this.transport.send(this.rendering.render(mail), () => this.isWanted(attempt));
    return 'sent';
  }

  /** What it speaks of may have ended or changed since it was claimed, and who holds the claim too. */
  private isWanted(attempt: Attempt): Promise<boolean> {
    if (attempt.isGivenBack) return Promise.resolve(false);
    attempt.isHandedOver = true;
    return this.reading.load(attempt.mail);
  }

  private async areWanted(mails: readonly ClaimedMail[]): Promise<boolean[]> {
    const wanted: { id: string }[] = await this.dataSource.query(WANTED, namesOf(mails));
    return mails.map(({ id }) => wanted.some((row) => row.id === id));
  }

  /** The limit counts mails, not attempts. */
  private async isTooMany(mail: ClaimedMail): Promise<boolean> {
    if (mail.attempts > 1 || mail.recipientLimit === null) return false;
    return !(await this.counting.load(mail));
  }

  /** Whether each was counted. A statement counts one mail of an address, and knows one limit. */
  private async countAll(mails: readonly ClaimedMail[]): Promise<boolean[]> {
    const counted = new Set<ClaimedMail>();
    for (let left = mails; left.length > 0;) {
      const alike = left.filter(({ recipientLimit }) => recipientLimit === left[0].recipientLimit);
      const round = [...new Map(alike.map((mail) => [mail.toAddress, mail])).values()];
      const taken = await this.take(round, left[0].recipientLimit ?? 0);
      for (const mail of round) if (taken.has(mailsTo(mail.toAddress))) counted.add(mail);
      left = left.filter((mail) => !round.includes(mail));
    }
    return mails.map((mail) => counted.has(mail));
  }

  private take(mails: ClaimedMail[], limit: number): Promise<Set<string>> {
    const subjects = mails.map(({ toAddress }) => mailsTo(toAddress));
    return this.counters.takeEachExactly(this.dataSource.manager, subjects, limit);
  }

  /** Claimed beside another mail to the same person: it goes back as if nobody had touched it. */
  private async hold({ id, attempts }: ClaimedMail): Promise<'held'> {
    const { manager } = this.dataSource;
    const untouched = {
      status: 'QUEUED',
      attempts: 0,
      lastAttemptAt: null,
      nextAttemptAt: () => 'created_at',
    } as const;
    await manager.update(MailMessage, { id, attempts, status: 'SENDING' }, { ...untouched, heldUntil: () => TOMORROW });
    return 'held';
  }
}

const WANTED = `
  SELECT mail.id FROM ${CLAIMED} JOIN mail_messages AS mail USING (id, attempts)
  WHERE ${STATUS} = 'SENDING' AND send_before > now()`;
