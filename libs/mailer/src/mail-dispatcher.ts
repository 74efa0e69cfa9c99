import { AsyncResource } from 'node:async_hooks';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { beginSpan, Configuration, currentSpan, endSpan, inSpan } from '@usher/config';
import { Counter } from 'prom-client';
import { DataSource, type FindOptionsWhere, In, Not } from 'typeorm';
import { MailChannel } from './mail-channel.js';
import { MailMessage, type MailStatus } from './mail-message.entity.js';
import { MailSending } from './mail-sending.js';
import { IS_FULL } from './recipient-limit.js';
import { IS_REFUSED, IS_REFUSED_EVERYWHERE, REFUSED } from './refused.js';
import { TOMORROW } from './sending-counters.js';
import { ChannelTrouble, MailDelayed, MailRefused, MailUnwanted } from './mail-transport.js';

const POLL_EVERY = 5_000;
const LEASE_SECONDS = 60;
const FIRST_RETRY_SECONDS = 10;
const LONGEST_RETRY_SECONDS = 3_600;
const LONGEST_ERROR = 400;
/** What is known from elsewhere; that it was sent is no news then. */
const KNOWN: MailStatus[] = ['DELIVERED', 'BOUNCED', 'COMPLAINED'];

const ATTEMPTS = new Counter({
  name: 'usher_mail_attempts_total',
  help: 'Attempts to send a mail: sent, delayed, refused, held back by a limit, unwanted by now, unprepared (our fault), channel (no mail can leave)',
  labelNames: ['outcome'],
});

/** What an attempt tells of the channel: the server looked at the mail, nothing, or that no mail can leave. */
type Attempt = 'answered' | 'unanswered' | ChannelTrouble;

/**
 * Sends what is due, outside any transaction. Several replicas share the outbox: a claim is a lease,
 * and a mail whose sender died is sent again with the same Message-ID once the lease is over.
 */
@Injectable()
export class MailDispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MailDispatcher.name);
  private timer?: NodeJS.Timeout;
  private probe?: NodeJS.Timeout;
  private running: Promise<void> | null = null;
  private wokenMeanwhile = false;
  private stopped = false;
  /** Whoever wakes it, its work belongs to no request. */
  private readonly background = new AsyncResource(MailDispatcher.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly sending: MailSending,
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
    this.stopped = true;
    clearInterval(this.timer);
    clearTimeout(this.probe);
    await this.running;
  }

  /** Something may be due. While the channel is paused it stays so until the next probe. */
  wake(): void {
    this.wokenMeanwhile = true;
    if (this.stopped || this.channel.room === 0) return;
    this.running ??= this.background.runInAsyncScope(() => this.sendAllDue().finally(() => this.rest()));
  }

  /** Woken between the last look and this moment: looks again. */
  private rest(): void {
    this.running = null;
    if (this.wokenMeanwhile) this.wake();
  }

  private async sendAllDue(): Promise<void> {
    try {
      while (this.wokenMeanwhile && !this.stopped && this.channel.room > 0) {
        this.wokenMeanwhile = false;
        const { claimed, toSend } = await this.claim(this.channel.room);
        this.judge(await Promise.all(toSend.map((message) => this.traced(message))));
        if (claimed > 0) this.wokenMeanwhile = true;
      }
    } catch (error) {
      this.logger.error(`The outbox cannot be read; trying again shortly: ${String(error)}`);
    }
  }

  private async claim(atOnce: number): Promise<{ claimed: number; toSend: MailMessage[] }> {
    const [claimed]: [{ id: string; status: string }[], number] = await this.dataSource.query(CLAIM, [
      LEASE_SECONDS,
      atOnce,
    ]);
    const ids = claimed.filter((message) => message.status === 'SENDING').map((message) => message.id);
    if (ids.length === 0) return { claimed: claimed.length, toSend: [] };
    const toSend = await this.dataSource.manager.findBy(MailMessage, { id: In(ids), status: 'SENDING' });
    return { claimed: claimed.length, toSend };
  }

  /** One mail that the server looked at shows that others can leave; only when there is none, trouble is everybody's. */
  private judge(attempts: Attempt[]): void {
    const trouble = attempts.find((attempt) => attempt instanceof ChannelTrouble);
    if (attempts.includes('answered')) {
      if (this.channel.state.state === 'paused') this.logger.log('Mail leaves again');
      this.channel.resume();
    } else if (trouble) {
      const pause = this.channel.pause(trouble);
      this.logger.warn(`No mail can leave: ${trouble.why} (${trouble.code}). Trying one in ${pause} ms`);
      this.probe = setTimeout(() => this.wake(), pause).unref();
    }
  }

  private traced(message: MailMessage): Promise<Attempt> {
    const { id, attempts, traceparent } = message;
    const facts = { 'usher.mail.id': id, 'usher.mail.attempt': attempts };
    const span = beginSpan({ name: 'mail attempt', kind: 'CONSUMER', parent: traceparent, facts });
    return inSpan(span, () => this.attempt(message)).finally(() => endSpan(span, {}));
  }

  private async attempt(message: MailMessage): Promise<Attempt> {
    const result: unknown = await this.sending.send(message).catch((error: unknown) => error);
    note(outcomeOf(result));
    if (result === 'held' || result instanceof MailUnwanted) return 'unanswered';
    if (result === 'sent') {
      await this.settle(message, { status: 'SENT', sealedToken: null, lastError: null });
      return 'answered';
    }
    const lastError = this.inWords(message, result);
    if (result instanceof MailRefused) {
      await this.settle(message, { status: 'FAILED', sealedToken: null, lastError });
    } else if (result instanceof ChannelTrouble) {
      await this.settle(message, { status: 'QUEUED', lastError }, 0);
      return result;
    } else {
      const deferrals = message.deferrals + 1;
      await this.settle(message, { status: 'QUEUED', lastError, deferrals }, retryDelay(deferrals));
    }
    return result instanceof MailRefused || result instanceof MailDelayed ? 'answered' : 'unanswered';
  }

  /** For inviters; what is our own fault is for the log. */
  private inWords(message: MailMessage, error: unknown): string {
    if (error instanceof MailRefused || error instanceof MailDelayed || error instanceof ChannelTrouble)
      return error.message.slice(0, LONGEST_ERROR);
    this.logger.error(`Mail ${message.id} cannot be prepared: ${String(error)}`);
    return 'Usher could not prepare this mail; its log says why';
  }

  /** Only the attempt that holds the lease may say what became of it; a mail that was taken back meanwhile stays so. */
  private async settle(message: MailMessage, outcome: Partial<MailMessage>, retryAfter?: number): Promise<void> {
    const status = outcome.status === 'SENT' ? Not(In(KNOWN)) : 'SENDING';
    const stillWanted: FindOptionsWhere<MailMessage> = { id: message.id, attempts: message.attempts, status };
    const due = retryAfter === undefined ? {} : { nextAttemptAt: () => `now() + interval '${retryAfter} seconds'` };
    await this.dataSource.manager.update(MailMessage, stillWanted, { ...outcome, ...due });
  }
}

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

/** What is due and still wanted is claimed. What a recipient's limit, or their wish to hear of nobody, holds back stays as it was: no sender learns of it. */
const CLAIM = `
  UPDATE mail_messages AS mail SET
    status = CASE WHEN due.is_held THEN 'QUEUED' WHEN due.is_valid THEN 'SENDING' WHEN attempts = 0 OR due.is_refused THEN 'SKIPPED' ELSE 'FAILED' END,
    sealed_token = CASE WHEN due.is_held OR due.is_valid THEN sealed_token END,
    attempts = attempts + (due.is_valid AND NOT due.is_held)::int,
    last_attempt_at = CASE WHEN due.is_valid AND NOT due.is_held THEN now() ELSE last_attempt_at END,
    last_error = CASE WHEN due.is_held OR due.is_valid THEN last_error WHEN due.is_refused THEN '${REFUSED}' ELSE coalesce(last_error, 'No longer valid when it was due') END,
    next_attempt_at = CASE WHEN due.is_held THEN mail.next_attempt_at ELSE now() + make_interval(secs => $1) END,
    held_until = CASE WHEN due.is_held THEN ${TOMORROW} END
  FROM (
    SELECT id, ${IS_REFUSED} AS is_refused, send_before > now() AND NOT ${IS_REFUSED} AS is_valid,
      send_before > now() AND NOT ${IS_REFUSED} AND (${IS_FULL} OR ${IS_REFUSED_EVERYWHERE}) AS is_held
    FROM mail_messages
    WHERE status IN ('QUEUED', 'SENDING') AND next_attempt_at <= now() AND (held_until IS NULL OR held_until <= now())
    ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS due
  WHERE mail.id = due.id
  RETURNING mail.id, mail.status`;

/** Doubles from 10 seconds to an hour, a fifth more or less so that retries spread out. */
function retryDelay(deferrals: number): number {
  const delay = Math.min(FIRST_RETRY_SECONDS * 2 ** (deferrals - 1), LONGEST_RETRY_SECONDS);
  return Math.round(delay * (0.8 + Math.random() * 0.4));
}
