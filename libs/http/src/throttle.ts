import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Housekeeping } from '@usher/database';
import pLimit from 'p-limit';
import { DataSource } from 'typeorm';
import { problem } from './problem.js';

export interface ThrottleRule {
  name: string;
  /** Hits allowed in one window. */
  limit: number;
  /** Length of the window, in seconds. */
  seconds: number;
}

/** Those who flood wait for the same row: they may not hold all connections of the process meanwhile. */
const CONNECTIONS = 4;

const HIT = `
  INSERT INTO throttle_counters AS counter (key, hits, resets_at)
  VALUES ($1, 1, now() + make_interval(secs => $2))
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN counter.resets_at <= now() THEN 1 ELSE counter.hits + 1 END,
    resets_at = CASE WHEN counter.resets_at <= now() THEN excluded.resets_at ELSE counter.resets_at END
  RETURNING hits, ceil(extract(epoch FROM resets_at - now()))::int AS "retryAfter"`;

/** Who has used up what a rule allows: a FROM for statements that look at more than that; their values are of `counterOf`. */
export const spentCounter = (key: string, limit: string): string =>
  `throttle_counters WHERE key = ${key} AND resets_at > now() AND hits >= ${limit}`;

export const counterOf = (rule: ThrottleRule, subject: string): [key: string, limit: number] => [
  keyOf(rule, subject),
  rule.limit,
];

/** Counts attempts in the database, so that all replicas share the count. */
@Injectable()
export class Throttle {
  private readonly few = pLimit(CONNECTIONS);

  constructor(
    private readonly dataSource: DataSource,
    housekeeping: Housekeeping,
  ) {
    housekeeping.register('throttle counters', { table: 'throttle_counters', where: 'resets_at <= now()' });
  }

  /** Counts one attempt; refuses with 429 and Retry-After when the window's limit is passed. */
  async hit(rule: ThrottleRule, subject: string): Promise<void> {
    const { hits, retryAfter } = await this.count(rule, subject);
    if (hits > rule.limit) throw tooMany(retryAfter);
  }

  /** Counts one attempt; answers whether it is within the limit, for what must not tell. */
  async allows(rule: ThrottleRule, subject: string): Promise<boolean> {
    const { hits } = await this.count(rule, subject);
    return hits <= rule.limit;
  }

  /** Refuses like `hit`, without counting. */
  async check(rule: ThrottleRule, subject: string): Promise<void> {
    const [counter]: { retryAfter: number }[] = await this.dataSource.query(
      `SELECT ceil(extract(epoch FROM resets_at - now()))::int AS "retryAfter" FROM ${spentCounter('$1', '$2')}`,
      counterOf(rule, subject),
    );
    if (counter) throw tooMany(counter.retryAfter);
  }

  /** Takes one attempt back: it turned out to be legitimate. */
  async forgive(rule: ThrottleRule, subject: string): Promise<void> {
    await this.dataSource.query('UPDATE throttle_counters SET hits = greatest(hits - 1, 0) WHERE key = $1', [
      keyOf(rule, subject),
    ]);
  }

  /** Begins anew. */
  async clear(rule: ThrottleRule, subject: string): Promise<void> {
    await this.dataSource.query('DELETE FROM throttle_counters WHERE key = $1', [keyOf(rule, subject)]);
  }

  private async count(rule: ThrottleRule, subject: string): Promise<{ hits: number; retryAfter: number }> {
    const hit = [keyOf(rule, subject), rule.seconds];
    const [counter]: [{ hits: number; retryAfter: number }] = await this.few(() => this.dataSource.query(HIT, hit));
    return counter;
  }
}

const keyOf = (rule: ThrottleRule, subject: string): string =>
  createHash('sha256').update(`${rule.name}\n${subject}`).digest('base64url');

const tooMany = (retryAfter: number) =>
  problem(429, 'too_many_attempts', `Too many attempts. Try again in ${Math.max(retryAfter, 1)} seconds.`, {
    retryAfter: Math.max(retryAfter, 1),
  });
