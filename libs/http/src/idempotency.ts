import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Secrets } from '@usher/config';
import { Housekeeping } from '@usher/database';
import { DataSource } from 'typeorm';
import type { IdempotencyKey } from './idempotency-key.entity.js';
import { problem } from './problem.js';

const PURPOSE = 'idempotent answer';
const POLL_EVERY = 100;
const WAIT_AT_MOST = 5_000;

/** A running request that died with its process frees its key after a minute. */
const CLAIM = `
  INSERT INTO idempotency_keys AS kept (id, request, answer, expires_at)
  VALUES ($1, $2, NULL, now() + interval '1 minute')
  ON CONFLICT (id) DO UPDATE SET request = excluded.request, answer = NULL, expires_at = excluded.expires_at
    WHERE kept.expires_at <= now()
  RETURNING id`;

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
  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: Secrets,
    housekeeping: Housekeeping,
  ) {
    housekeeping.register('idempotency keys', {
      table: 'idempotency_keys',
      where: 'expires_at <= now()',
      order: 'expires_at',
    });
  }

  /** Answers `run` when this request is the first, or what the first one was answered. */
  async claim(request: IdempotentRequest): Promise<{ id: string; first: true } | { first: false; answer: unknown }> {
    const id = sha256([request.callerId, request.key]);
    const fingerprint = sha256([request.method, request.url, request.body ?? null]);
    for (const started = performance.now(); performance.now() - started < WAIT_AT_MOST; await delay(POLL_EVERY)) {
      const claimed: unknown[] = await this.dataSource.query(CLAIM, [id, fingerprint]);
      if (claimed.length > 0) return { id, first: true };
      const answer = await this.firstAnswer(id, fingerprint);
      if (answer) return { first: false, answer: this.read(answer, id) };
    }
    throw problem(
      409,
      'idempotency_key_in_use',
      'The first request with this Idempotency-Key still runs. Ask again shortly.',
      {
        retryAfter: 1,
      },
    );
  }

  /** Keeps the answer for a day. */
  async keep(id: string, answer: unknown): Promise<void> {
    const sealed = this.secrets.seal(PURPOSE, JSON.stringify(answer ?? null), id);
    await this.dataSource.query(
      `UPDATE idempotency_keys SET answer = $2, expires_at = now() + interval '24 hours' WHERE id = $1`,
      [id, sealed],
    );
  }

  /** The request was refused and changed nothing: the same key may try again. */
  async release(id: string): Promise<void> {
    await this.dataSource.query('DELETE FROM idempotency_keys WHERE id = $1 AND answer IS NULL', [id]);
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

  private async firstAnswer(id: string, fingerprint: string): Promise<Buffer | null> {
    const [kept]: Pick<IdempotencyKey, 'request' | 'answer'>[] = await this.dataSource.query(
      'SELECT request, answer FROM idempotency_keys WHERE id = $1 AND expires_at > now()',
      [id],
    );
    if (kept && kept.request !== fingerprint) {
      throw problem(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was sent with another request. Use a new one.',
      );
    }
    return kept?.answer ?? null;
  }
}

const sha256 = (parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
