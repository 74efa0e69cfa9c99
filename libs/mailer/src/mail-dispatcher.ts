import { AsyncResource } from 'node:async_hooks';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { beginSpan, Configuration, currentSpan, endSpan, inSpan } from '@usher/config';
import { Counter } from 'prom-client';
import { DataSource, type FindOptionsWhere, In } from 'typeorm';
import { MailMessage } from './mail-message.entity.js';
import { MailSending } from './mail-sending.js';
import { IS_FULL } from './recipient-limit.js';
import { TOMORROW } from './sending-counters.js';
import { MailDelayed, MailRefused } from './mail-transport.js';

const AT_ONCE = 5;
const POLL_EVERY = 5_000;
const LEASE_SECONDS = 60;
const FIRST_RETRY_SECONDS = 10;
const LONGEST_RETRY_SECONDS = 3_600;
const LONGEST_ERROR = 300;

const ATTEMPTS = new Counter({
  name: 'usher_mail_attempts_total',
  help: 'Attempts to send a mail: sent, delayed, refused, held back by a limit, unprepared (our fault), channel (no mail can leave)',
  labelNames: ['outcome'],
});

/**
 * Sends what is due, outside any transaction. Several replicas share the outbox: a claim is a lease,
 * and a mail whose sender died is sent again with the same Message-ID once the lease is over.
 */
@Injectable()
export class MailDispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MailDispatcher.name);
  private timer?: NodeJS.Timeout;
  private running: Promise<void> | null = null;
  private wokenMeanwhile = false;
  private stopped = false;
  /** Whoever wakes it, its work belongs to no request. */
  private readonly background = new AsyncResource(MailDispatcher.name);
  /** Why no mail can leave at all, a word such as `ECONNREFUSED`; null while it can. */
  trouble: string | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly sending: MailSending,
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
    await this.running;
  }

  /** Something may be due. */
  wake(): void {
    this.wokenMeanwhile = true;
    if (this.stopped) return;
    this.running ??= this.background.runInAsyncScope(() => this.sendAllDue().finally(() => this.rest()));
  }

  /** Woken between the last look and this moment: looks again. */
  private rest(): void {
    this.running = null;
    if (this.wokenMeanwhile) this.wake();
  }

  private async sendAllDue(): Promise<void> {
    try {
      while (this.wokenMeanwhile && !this.stopped) {
        this.wokenMeanwhile = false;
        const claimed = await this.claim();
        await Promise.all(claimed.map((message) => this.traced(message)));
        if (claimed.length > 0) this.wokenMeanwhile = true;
      }
    } catch (error) {
      this.logger.error(`The outbox cannot be read; trying again shortly: ${String(error)}`);
    }
  }

  private async claim(): Promise<MailMessage[]> {
    const [claimed]: [{ id: string; status: string }[], number] = await this.dataSource.query(CLAIM, [
      LEASE_SECONDS,
      AT_ONCE,
    ]);
    const toSend = claimed.filter((message) => message.status === 'SENDING').map((message) => message.id);
    return toSend.length > 0 ? this.dataSource.manager.findBy(MailMessage, { id: In(toSend), status: 'SENDING' }) : [];
  }

  private async traced(message: MailMessage): Promise<void> {
    const { id, attempts, traceparent } = message;
    const facts = { 'usher.mail.id': id, 'usher.mail.attempt': attempts };
    const span = beginSpan({ name: 'mail attempt', kind: 'CONSUMER', parent: traceparent, facts });
    await inSpan(span, () => this.attempt(message)).finally(() => endSpan(span, {}));
  }

  private async attempt(message: MailMessage): Promise<void> {
    const error = await this.sending.send(message).then(
      (outcome) => outcome,
      (reason: unknown) => reason,
    );
    const outcome = outcomeOf(error);
    ATTEMPTS.inc({ outcome });
    currentSpan()?.setAttribute('usher.mail.outcome', outcome);
    if (error === 'held') return;
    if (error === 'sent') return this.succeeded(message);
    const lastError = this.inWords(message, error);
    if (error instanceof MailRefused) return this.settle(message, { status: 'FAILED', sealedToken: null, lastError });
    this.trouble = error instanceof MailDelayed ? error.channelTrouble : null;
    await this.settle(message, { status: 'QUEUED', lastError }, retryDelay(message.attempts));
  }

  /** For inviters; what is our own fault is for the log. */
  private inWords(message: MailMessage, error: unknown): string {
    if (error instanceof MailRefused || error instanceof MailDelayed) return error.message.slice(0, LONGEST_ERROR);
    this.logger.error(`Mail ${message.id} cannot be prepared: ${String(error)}`);
    return 'Usher could not prepare this mail; its log says why';
  }

  private async succeeded(message: MailMessage): Promise<void> {
    this.trouble = null;
    await this.settle(message, { status: 'SENT', sealedToken: null, lastError: null });
  }

  /** Only the attempt that holds the lease may say what became of it; a mail that was taken back meanwhile stays so. */
  private async settle(message: MailMessage, outcome: Partial<MailMessage>, retryAfter?: number): Promise<void> {
    const isOurs = { id: message.id, attempts: message.attempts };
    const stillWanted: FindOptionsWhere<MailMessage> =
      outcome.status === 'SENT' ? isOurs : { ...isOurs, status: 'SENDING' };
    const due = retryAfter === undefined ? {} : { nextAttemptAt: () => `now() + interval '${retryAfter} seconds'` };
    await this.dataSource.manager.update(MailMessage, stillWanted, { ...outcome, ...due });
  }
}

function outcomeOf(result: unknown): string {
  if (result === 'sent' || result === 'held') return result;
  if (result instanceof MailRefused) return 'refused';
  if (result instanceof MailDelayed) return result.channelTrouble ? 'channel' : 'delayed';
  return 'unprepared';
}

/** What a recipient's limit holds back stays as it was, so that no sender learns of the others. */
const CLAIM = `
  UPDATE mail_messages AS mail SET
    status = CASE WHEN due.is_held THEN mail.status WHEN due.is_valid THEN 'SENDING' WHEN attempts = 0 THEN 'SKIPPED' ELSE 'FAILED' END,
    sealed_token = CASE WHEN due.is_held OR due.is_valid THEN sealed_token END,
    attempts = attempts + (due.is_valid AND NOT due.is_held)::int,
    last_attempt_at = CASE WHEN due.is_valid AND NOT due.is_held THEN now() ELSE last_attempt_at END,
    last_error = CASE WHEN due.is_held OR due.is_valid THEN last_error ELSE coalesce(last_error, 'No longer valid when it was due') END,
    next_attempt_at = CASE WHEN due.is_held THEN mail.next_attempt_at ELSE now() + make_interval(secs => $1) END,
    held_until = CASE WHEN due.is_held THEN ${TOMORROW} END
  FROM (
    SELECT id, send_before > now() AS is_valid, send_before > now() AND ${IS_FULL} AS is_held FROM mail_messages
    WHERE status IN ('QUEUED', 'SENDING') AND next_attempt_at <= now() AND (held_until IS NULL OR held_until <= now())
    ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS due
  WHERE mail.id = due.id
  RETURNING mail.id, mail.status`;

/** Doubles from 10 seconds to an hour, a fifth more or less so that retries spread out. */
function retryDelay(attempts: number): number {
  const delay = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS);
  return Math.round(delay * (0.8 + Math.random() * 0.4));
}
