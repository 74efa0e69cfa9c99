import { AsyncResource } from 'node:async_hooks';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { beginSpan, Configuration, currentSpan, endSpan, inSpan } from '@usher/config';
import { Counter } from 'prom-client';
import { MailChannel } from './mail-channel.js';
import { type Claim, type ClaimedMail, MailClaims } from './mail-claims.js';
import { MailOutcomes } from './mail-outcomes.js';
import { Attempt, MailSending } from './mail-sending.js';
import { ChannelTrouble, MailDelayed, MailRefused, MailUnwanted } from './mail-transport.js';

const POLL_EVERY = 5_000;
const FIRST_RETRY_SECONDS = 10;
const LONGEST_RETRY_SECONDS = 3_600;
const LONGEST_ERROR = 400;

const ATTEMPTS = new Counter({
  name: 'usher_mail_attempts_total',
  help: 'Attempts to send a mail: sent, delayed, refused, held back by a limit, unwanted by now, unprepared (our fault), channel (no mail can leave)',
  labelNames: ['outcome'],
});

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
  private stopped = false;
  private readonly underWay = new Set<Attempt>();
  private afterLast?: () => void;
  /** Whoever wakes it, its work belongs to no request. */
  private readonly background = new AsyncResource(MailDispatcher.name);

  constructor(
    private readonly claims: MailClaims,
    private readonly sending: MailSending,
    private readonly outcomes: MailOutcomes,
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
    await this.sending.giveBack(inHand);
    for (const attempt of inHand) this.end(attempt);
  }

  /** Something may be due. While the channel is paused it stays so until the next probe. */
  wake(): void {
    this.wokenMeanwhile = true;
    if (this.stopped || this.room <= 0) return;
    this.claiming ??= this.background.runInAsyncScope(() => this.claimAll().finally(() => this.rest()));
  }

  private get room(): number {
    return this.channel.roomBeside(this.underWay.size);
  }

  private async stopClaiming(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    clearTimeout(this.probe);
    await this.claiming;
  }

  /** Woken between the last look and this moment: looks again. */
  private rest(): void {
    this.claiming = null;
    if (this.wokenMeanwhile) this.wake();
  }

  private async claimAll(): Promise<void> {
    try {
      while (this.wokenMeanwhile && !this.stopped && this.room > 0) {
        this.wokenMeanwhile = false;
        const { mails, more } = await this.claims.claim(
          this.room,
          [...this.underWay].map(({ mail }) => mail),
        );
        for (const mail of mails) this.begin(new Attempt(mail, this.channel.knowledge));
        this.more = more;
        if (more === 'now') this.wokenMeanwhile = true;
      }
    } catch (error) {
      this.logger.error(`The outbox cannot be read; trying again shortly: ${String(error)}`);
    }
  }

  private begin(attempt: Attempt): void {
    this.underWay.add(attempt);
    this.traced(attempt)
      .catch((error: unknown) => this.logger.error(`Mail ${attempt.mail.id}: ${String(error)}`))
      .finally(() => this.end(attempt));
  }

  private end(attempt: Attempt): void {
    this.underWay.delete(attempt);
    if (this.underWay.size === 0) this.afterLast?.();
    if (this.more !== 'no' || this.wokenMeanwhile) this.wake();
  }

  private traced(attempt: Attempt): Promise<void> {
    const { id, attempts, traceparent } = attempt.mail;
    const facts = { 'usher.mail.id': id, 'usher.mail.attempt': attempts };
    const span = beginSpan({ name: 'mail attempt', kind: 'CONSUMER', parent: traceparent, facts });
    return inSpan(span, () => this.try(attempt)).finally(() => endSpan(span, {}));
  }

  private async try(attempt: Attempt): Promise<void> {
    const { mail } = attempt;
    const result: unknown = await this.sending.send(attempt).catch((error: unknown) => error);
    note(outcomeOf(result));
    if (result === 'held' || result instanceof MailUnwanted || attempt.isGivenBack) return;
    if (result instanceof ChannelTrouble) this.meetTrouble(result, attempt);
    else if (isAnswer(result)) this.meetAnswer();
    await this.outcomes.write(mail, this.judge(mail, result));
    if (result instanceof ChannelTrouble) this.wake();
  }

  /** Of one that is put off and of one in trouble it is said when it goes on. */
  private judge(mail: ClaimedMail, result: unknown): Parameters<MailOutcomes['write']>[1] {
    const { deferrals } = mail;
    if (result === 'sent') return { status: 'SENT', lastError: null, deferrals };
    const lastError = this.inWords(mail, result);
    if (result instanceof MailRefused) return { status: 'FAILED', lastError, deferrals };
    if (result instanceof ChannelTrouble) return { status: 'QUEUED', lastError, deferrals, retryAfter: 0 };
    return { status: 'QUEUED', lastError, deferrals: deferrals + 1, retryAfter: retryDelay(deferrals + 1) };
  }

  /** One mail that the server looked at shows that others can leave. */
  private meetAnswer(): void {
    if (this.channel.state.state === 'paused') this.logger.log('Mail leaves again');
    this.channel.resume();
  }

  /** Trouble is everybody's when no other attempt has learnt anything meanwhile. */
  private meetTrouble(trouble: ChannelTrouble, { knowledge }: Attempt): void {
    if (!this.channel.isNews(knowledge)) return;
    const pause = this.channel.pause(trouble);
    this.logger.warn(`No mail can leave: ${trouble.why} (${trouble.code}). Trying one in ${pause} ms`);
    this.probe = setTimeout(() => this.wake(), pause).unref();
  }

  /** For inviters; what is our own fault is for the log. */
  private inWords({ id }: ClaimedMail, error: unknown): string {
    if (error instanceof MailRefused || error instanceof MailDelayed || error instanceof ChannelTrouble)
      return error.message.slice(0, LONGEST_ERROR);
    this.logger.error(`Mail ${id} cannot be prepared: ${String(error)}`);
    return 'Usher could not prepare this mail; its log says why';
  }
}

/** The server looked at the mail: others can leave, too. */
const isAnswer = (result: unknown): boolean =>
  result === 'sent' || result instanceof MailRefused || result instanceof MailDelayed;

function note(outcome: string): void {
  ATTEMPTS.inc({ outcome });
  currentSpan()?.setAttribute('usher.mail.outcome', outcome);
}

function outcomeOf(result: unknown): string {
  if (result === 'sent' || result === 'held') return result;
  const [, outcome = 'unprepared'] = OUTCOMES.find(([kind]) => result instanceof kind) ?? [];
  return outcome;
}

const OUTCOMES = [
  [MailRefused, 'refused'],
  [MailDelayed, 'delayed'],
  [ChannelTrouble, 'channel'],
  [MailUnwanted, 'unwanted'],
] as const;

/** Doubles from 10 seconds to an hour, a fifth more or less so that retries spread out. */
function retryDelay(deferrals: number): number {
  const delay = Math.min(FIRST_RETRY_SECONDS * 2 ** (deferrals - 1), LONGEST_RETRY_SECONDS);
  return Math.round(delay * (0.8 + Math.random() * 0.4));
}
