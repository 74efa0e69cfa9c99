import { Injectable, Logger } from '@nestjs/common';
import { beginSpan, currentSpan, endSpan, inSpan } from '@usher/config';
import { Counter } from 'prom-client';
import { MailChannel } from './mail-channel.js';
import type { ClaimedMail } from './claimed-mail.js';
import { type MailOutcome, MailOutcomes } from './mail-outcomes.js';
import { type Attempt, MailSending } from './mail-sending.js';
import { ChannelTrouble, MailDelayed, MailRefused, MailUnwanted } from './mail-errors.js';

const FIRST_RETRY_SECONDS = 10;
const LONGEST_RETRY_SECONDS = 3_600;
const LONGEST_ERROR = 400;

const ATTEMPTS = new Counter({
  name: 'usher_mail_attempts_total',
  help: 'Attempts to send a mail: sent, delayed, refused, held back by a limit, unwanted by now, unprepared (our fault), channel (no mail can leave)',
  labelNames: ['outcome'],
});

/** Makes attempts, and says what came of them: to the row of the mail, and to all others of the process. */
@Injectable()
export class MailAttempts {
  private readonly logger = new Logger(MailAttempts.name);

  constructor(
    private readonly sending: MailSending,
    private readonly outcomes: MailOutcomes,
    private readonly channel: MailChannel,
  ) {}

  /** Answers in how many milliseconds something is due again that has nothing against it but the mail server; null: nothing is. */
  make(attempt: Attempt): Promise<number | null> {
    const { id, attempts, traceparent } = attempt.mail;
    const facts = { 'usher.mail.id': id, 'usher.mail.attempt': attempts };
    const span = beginSpan({ name: 'mail attempt', kind: 'CONSUMER', parent: traceparent, facts });
    return inSpan(span, () => this.try(attempt)).finally(() => endSpan(span, {}));
  }

  private async try(attempt: Attempt): Promise<number | null> {
    const { mail } = attempt;
    const result: unknown = await this.sending.send(attempt).catch((error: unknown) => error);
    note(outcomeOf(result));
    if (result === 'held' || result instanceof MailUnwanted || attempt.isGivenBack) return null;
    const pause = this.learnFrom(result, attempt);
    await this.outcomes.write(mail, this.judge(mail, result));
    return pause;
  }

  /** One mail that the server looked at shows that others can leave; trouble is everybody's when no other attempt has learnt anything meanwhile. */
  private learnFrom(result: unknown, { knowledge }: Attempt): number | null {
    if (result instanceof ChannelTrouble) {
      if (!this.channel.isNews(knowledge)) return 0;
      const pause = this.channel.pause(result);
      this.logger.warn(`No mail can leave: ${result.why} (${result.code}). Trying one in ${pause} ms`);
      return pause;
    }
    if (isAnswer(result)) {
      if (this.channel.state.state === 'paused') this.logger.log('Mail leaves again');
      this.channel.resume();
    }
    return null;
  }

  private judge(mail: ClaimedMail, result: unknown): MailOutcome {
    const { deferrals } = mail;
    if (result === 'sent') return { status: 'SENT', lastError: null, deferrals };
    const lastError = this.inWords(mail, result);
    if (result instanceof MailRefused) return { status: 'FAILED', lastError, deferrals };
    if (result instanceof ChannelTrouble) return { status: 'QUEUED', lastError, deferrals, retryAfter: 0 };
    return { status: 'QUEUED', lastError, deferrals: deferrals + 1, retryAfter: retryDelay(deferrals + 1) };
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
