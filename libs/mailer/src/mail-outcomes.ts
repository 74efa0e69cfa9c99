import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import DataLoader from 'dataloader';
import { DataSource } from 'typeorm';
import type { ClaimedMail } from './claimed-mail.js';
import type { MailStatus } from './mail-message.entity.js';
import { PER_TURN } from './per-turn.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1_000;
/** Nobody waits for a database that long; who sends the mail meanwhile, holds the lease, and then nothing is written. */
const TRIES_FOR = 600_000;

/** What became of an attempt. */
export interface MailOutcome {
  status: Extract<MailStatus, 'SENT' | 'FAILED' | 'QUEUED'>;
  lastError: string | null;
  deferrals: number;
  /** Seconds until the next attempt of one that is QUEUED again. */
  retryAfter?: number;
}

type Said = MailOutcome & Pick<ClaimedMail, 'id' | 'attempts'>;

/** Writes down what became of mails: those that end at the same moment together, and again while the database does not take it. */
@Injectable()
export class MailOutcomes {
  private readonly logger = new Logger(MailOutcomes.name);
  private readonly writing = new DataLoader((said: readonly Said[]) => this.writeAll(said), PER_TURN);

  constructor(private readonly dataSource: DataSource) {}

  /** A mail that left and is not known to have left would be sent twice. */
  async write({ id, attempts }: ClaimedMail, outcome: MailOutcome): Promise<void> {
    const since = performance.now();
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await this.writing.load({ id, attempts, ...outcome });
      } catch (error) {
        if (performance.now() - since > TRIES_FOR) throw error;
        this.logger.warn(
          `That mail ${id} is ${outcome.status} cannot be written down, and is tried again: ${String(error)}`,
        );
        await delay(pause);
      }
    }
  }

  /** Those whose rows are in somebody's hands are waited for one by one: together they could wait for each other. */
  private async writeAll(said: readonly Said[]): Promise<undefined[]> {
    const written = said.length > 1 ? await this.update(said, 'SKIP LOCKED') : [];
    const left = said.filter(({ id }) => !written.includes(id));
    await Promise.all(left.map((one) => this.update([one], '')));
    return said.map(() => undefined);
  }

  private async update(said: readonly Said[], locked: keyof typeof WRITE): Promise<string[]> {
    const [rows]: [{ id: string }[], number] = await this.dataSource.query(WRITE[locked], [JSON.stringify(said)]);
    return rows.map(({ id }) => id);
  }
}

/**
 * Only the attempt that holds the lease may say what became of it; a mail that was taken back meanwhile stays so.
 * That it was sent is no news when it is known from elsewhere to have arrived, or not.
 */
const writing = (locked: string): string => `
  UPDATE mail_messages AS mail SET status = said.status, last_error = said."lastError", deferrals = said.deferrals,
    sealed_token = CASE said.status WHEN 'QUEUED' THEN mail.sealed_token END,
    next_attempt_at = CASE said.status WHEN 'QUEUED' THEN now() + make_interval(secs => said."retryAfter") ELSE mail.next_attempt_at END
  FROM (
    SELECT said.* FROM jsonb_to_recordset($1)
      AS said (id uuid, attempts int, status text, "lastError" text, deferrals int, "retryAfter" int)
    JOIN mail_messages AS mail ON mail.id = said.id AND mail.attempts = said.attempts
      AND CASE said.status WHEN 'SENT' THEN mail.status NOT IN ('DELIVERED', 'BOUNCED', 'COMPLAINED') ELSE mail.status = 'SENDING' END
    FOR NO KEY UPDATE OF mail ${locked}) AS said
  WHERE mail.id = said.id
  RETURNING mail.id`;
const WRITE = { '': writing(''), 'SKIP LOCKED': writing('SKIP LOCKED') };
