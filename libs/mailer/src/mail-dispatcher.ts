import { AsyncResource } from 'node:async_hooks';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { MailAttempts } from './mail-attempts.js';
import { MailChannel } from './mail-channel.js';
import { type Claim, MailClaims } from './mail-claims.js';
import { Attempt } from './mail-sending.js';

const POLL_EVERY = 5_000;
/** Milliseconds. Who is invited at the same time is not looked for one by one while there was nothing for the places that are free. */
const REST = 50;

/**
 * Sends what is due, outside any transaction, a few at a time; a place that becomes free is filled at once. Several replicas share the outbox:
 * a claim is a lease, and a mail whose sender died is sent again with the same Message-ID once the lease is over.
 */
@Injectable()
export class MailDispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MailDispatcher.name);
  private timer?: NodeJS.Timeout;
  private probe?: NodeJS.Timeout;
  private claiming: Promise<void> | null = null;
  private wokenMeanwhile = false;
  private more: Claim['more'] = 'no';
  private resting?: NodeJS.Timeout;
  private stopped = false;
  private readonly underWay = new Set<Attempt>();
  private afterLast?: () => void;
  /** Whoever wakes it, its work belongs to no request. */
  private readonly background = new AsyncResource(MailDispatcher.name);

  constructor(
    private readonly claims: MailClaims,
    private readonly attempts: MailAttempts,
    private readonly channel: MailChannel,
    private readonly configuration: Configuration,
  ) {}

  onApplicationBootstrap(): void {
    this.stopped = this.configuration.mailChannel === 'none';
    if (this.stopped) return;
    this.timer = setInterval(() => this.wake(), POLL_EVERY).unref();
    this.wake();
  }

  /** Lets the mails that are being sent arrive. */
  async onModuleDestroy(): Promise<void> {
    await this.stopClaiming();
    if (this.underWay.size > 0) await new Promise<void>((resolve) => (this.afterLast = resolve));
  }

  /** Waits for none but those whose content the mail server has asked for: all others are given back, for whoever is there to send them. */
  async letGo(): Promise<void> {
    await this.stopClaiming();
    const inHand = [...this.underWay].filter(({ isHandedOver }) => !isHandedOver);
    for (const attempt of inHand) attempt.isGivenBack = true;
    await this.claims.giveBack(inHand.map(({ mail }) => mail));
    for (const attempt of inHand) this.end(attempt);
  }

  /** Something may be due. While the channel is paused it stays so until the next probe. */
  wake(): void {
    this.wokenMeanwhile = true;
    if (this.stopped || this.resting || this.room <= 0) return;
    this.claiming ??= this.background.runInAsyncScope(() => this.claimAll().finally(() => this.lookAgain()));
  }

  private get room(): number {
    return this.channel.roomBeside(this.underWay.size);
  }

  private async stopClaiming(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    clearTimeout(this.probe);
    clearTimeout(this.resting);
    await this.claiming;
  }

  /** Woken between the last look and this moment. */
  private lookAgain(): void {
    this.claiming = null;
    if (this.wokenMeanwhile) this.wake();
  }

  private async claimAll(): Promise<void> {
    try {
      while (this.wokenMeanwhile && !this.stopped && this.room > 0) {
        this.wokenMeanwhile = false;
        await this.claim();
        if (this.resting) return;
      }
    } catch (error) {
      this.logger.error(`The outbox cannot be read; trying again shortly: ${String(error)}`);
    }
  }

  private async claim(): Promise<void> {
    const { mails, more } = await this.claims.claim(
      this.room,
      [...this.underWay].map(({ mail }) => mail),
    );
    for (const mail of mails) this.begin(new Attempt(mail, this.channel.knowledge));
    this.more = more;
    if (more === 'now') this.wokenMeanwhile = true;
    else if (mails.length === 0 && this.underWay.size > 0) this.restAWhile();
  }

  /** Until a mail is sent, or for a moment: what is due is of tenants that have as many under way as they may. */
  private restAWhile(): void {
    this.resting = setTimeout(() => {
      this.resting = undefined;
      this.lookAgain();
    }, REST).unref();
  }

  private begin(attempt: Attempt): void {
    this.underWay.add(attempt);
    this.attempts
      .make(attempt)
      .then((pause) => pause !== null && this.wakeAfter(pause))
      .catch((error: unknown) => this.logger.error(`Mail ${attempt.mail.id}: ${String(error)}`))
      .finally(() => this.end(attempt));
  }

  private wakeAfter(pause: number): void {
    if (pause === 0) this.wake();
    else this.probe = setTimeout(() => this.wake(), pause).unref();
  }

  private end(attempt: Attempt): void {
    this.underWay.delete(attempt);
    if (this.underWay.size === 0) this.afterLast?.();
    clearTimeout(this.resting);
    this.resting = undefined;
    if (this.more !== 'no' || this.wokenMeanwhile) this.wake();
  }
}
