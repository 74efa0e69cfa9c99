import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type HttpException, Injectable, Logger } from '@nestjs/common';
import { Secrets } from '@usher/config';
import { Housekeeping, type Mark, Transactions } from '@usher/database';
import { DataSource } from 'typeorm';
import type { IdempotencyKey } from './idempotency-key.entity.js';
import { problem } from './problem.js';
import { type Claim, currentRequest, type RequestContext } from './request-context.js';

const PURPOSE = 'idempotent answer';
const POLL_EVERY = 100;
const WAIT_AT_MOST = 5_000;

/** A running request that died with its process frees its key after a minute. */
const CLAIM = `
  INSERT INTO idempotency_keys AS kept (id, request, answer, expires_at)
  VALUES ($1, $2, NULL, now() + interval '1 minute')
  ON CONFLICT (id) DO UPDATE SET request = excluded.request, answer = NULL, expires_at = excluded.expires_at
    WHERE kept.expires_at <= now()
  RETURNING id, expires_at AS lease`;

/** In the transaction of the work: what was claimed for a minute is kept for a day, even if the answer never comes. */
const USE_UP = `UPDATE idempotency_keys SET expires_at = expires_at + interval '1 day' WHERE id = $1 AND expires_at = $2`;

/** Waits for a transaction that still commits. */
const IS_USED_UP = 'SELECT expires_at > $2 AS used FROM idempotency_keys WHERE id = $1 FOR SHARE';

const KEPT = `
  SELECT request, answer, expires_at > now() + interval '1 minute' AS "isDone"
  FROM idempotency_keys WHERE id = $1 AND expires_at > now()`;

type Kept = Pick<IdempotencyKey, 'request' | 'answer'> & { isDone: boolean };

export interface IdempotentRequest {
  callerId: string;
  key: string;
  method: string;
  url: string;
  body: unknown;
}

/** Keeps the first answer to a request, for those who ask again because they never saw it. */
@Injectable()
export class Idempotency {
  private readonly logger = new Logger(Idempotency.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: Secrets,
    private readonly transactions: Transactions,
    housekeeping: Housekeeping,
  ) {
    transactions.markedBy(() => this.markOf(currentRequest()));
    housekeeping.register('idempotency keys', {
      table: 'idempotency_keys',
      where: 'expires_at <= now()',
      order: 'expires_at',
    });
  }

  /** The key for the request to use when it is the first, or what the first one was answered. */
  async claim(request: IdempotentRequest): Promise<Claim | { answer: unknown }> {
    const id = sha256([request.callerId, request.key]);
    const fingerprint = sha256([request.method, request.url, request.body ?? null]);
    let first: Kept | undefined;
    for (const started = performance.now(); performance.now() - started < WAIT_AT_MOST; await delay(POLL_EVERY)) {
      const [claim]: Claim[] = await this.dataSource.query(CLAIM, [id, fingerprint]);
      if (claim) return claim;
      first = await this.first(id, fingerprint);
      if (first?.answer) return { answer: this.read(first.answer, id) };
    }
    throw first?.isDone ? answerLost() : stillRuns();
  }

  /** Keeps the answer for a day. What was done is not undone when that fails. */
  async keep({ id }: Claim, answer: unknown): Promise<void> {
    const sealed = this.secrets.seal(PURPOSE, JSON.stringify(answer ?? null), id);
    await this.orWarn(
      `UPDATE idempotency_keys SET answer = $2, expires_at = now() + interval '24 hours' WHERE id = $1`,
      [id, sealed],
    );
  }

  /** The request was refused: the same key may try again, unless the work was done all the same. */
  async release({ id, lease }: Claim): Promise<void> {
    await this.orWarn('DELETE FROM idempotency_keys WHERE id = $1 AND expires_at = $2', [id, lease]);
  }

  private markOf(request?: RequestContext): Mark | null {
    if (!request?.claim) return null;
    const values = [request.claim.id, request.claim.lease];
    return {
      leave: async (tx) => {
        const [, count]: [unknown[], number] = await tx.query(USE_UP, values);
        if (count === 0) throw stillRuns();
        this.transactions.afterCommit(tx, () => (request.claim = null));
      },
      isLeft: async () => {
        const [kept]: { used: boolean }[] = await this.dataSource.query(IS_USED_UP, values);
        return kept?.used ?? false;
      },
    };
  }

  private async orWarn(statement: string, values: unknown[]): Promise<void> {
    try {
      await this.dataSource.query(statement, values);
    } catch (error) {
      this.logger.warn(`An idempotency key stays as it is: ${String(error)}`);
    }
  }

  /** Running the request again instead could do twice what its caller wants once. */
  private read(answer: Buffer, id: string): unknown {
    try {
      return JSON.parse(this.secrets.open(PURPOSE, answer, id));
    } catch {
      throw problem(
        409,
        'idempotency_answer_unreadable',
        'This request was done before; its answer was encrypted with a secret that is no longer used. See what became of it; a new Idempotency-Key does it again.',
      );
    }
  }

  private async first(id: string, fingerprint: string): Promise<Kept | undefined> {
    const [kept]: Kept[] = await this.dataSource.query(KEPT, [id]);
    if (kept && kept.request !== fingerprint) {
      throw problem(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was sent with another request. Use a new one.',
      );
    }
    return kept;
  }
}

const stillRuns = (): HttpException =>
  problem(409, 'idempotency_key_in_use', 'The first request with this Idempotency-Key still runs. Ask again shortly.', {
    retryAfter: 1,
  });

const answerLost = (): HttpException =>
  problem(
    409,
    'idempotency_answer_lost',
    'This request was done before; its answer was lost on the way. See what became of it; a new Idempotency-Key does it again.',
  );

const sha256 = (parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
