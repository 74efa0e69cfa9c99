import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Housekeeping } from '@usher/database';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
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
/** In milliseconds; afterwards the database is asked again, as another replica may have cleared the counter. */
const LONGEST_REMEMBERED = 10_000;
const MOST_REMEMBERED = 10_000;

interface Counter {
  consumedPoints: number;
  /** When the window ends, in milliseconds by the clock of this process. */
  endsAt: number;
}

/** Counts attempts in the database, so that all replicas share the count. */
@Injectable()
export class Throttle {
  private readonly few = pLimit(CONNECTIONS);
  private readonly limiters = new Map<string, RateLimiterPostgres>();
  /** Counters over their limit: to refuse once more, the database is not asked. */
  private readonly over = new LRUCache<string, Counter>({ max: MOST_REMEMBERED, ttl: LONGEST_REMEMBERED });

  constructor(
    private readonly dataSource: DataSource,
    housekeeping: Housekeeping,
  ) {
    const where = 'expire <= extract(epoch FROM now()) * 1000';
    housekeeping.register('throttles', { table: 'throttles', where });
  }

  /** Counts one attempt; refuses with 429 and Retry-After when the window's limit is passed. */
  async hit(rule: ThrottleRule, subject: string): Promise<void> {
    const counter = await this.count(rule, subject);
    if (counter.consumedPoints > rule.limit) throw tooMany(rule, counter);
  }

  /** Counts one attempt; answers whether it is within the limit, for what must not tell. */
  async allows(rule: ThrottleRule, subject: string): Promise<boolean> {
    const { consumedPoints } = await this.count(rule, subject);
    return consumedPoints <= rule.limit;
  }

  /** Refuses like `hit`, without counting. */
  async check(rule: ThrottleRule, subject: string): Promise<void> {
    const key = keyOf(rule, subject);
    const counter = this.over.get(key) ?? (await this.read(rule, key));
    if (counter && counter.consumedPoints > rule.limit) throw tooMany(rule, counter);
  }

  /** Takes one attempt back: it turned out to be legitimate. */
  async forgive(rule: ThrottleRule, subject: string): Promise<void> {
    const key = keyOf(rule, subject);
    const { consumedPoints } = await this.limiter(rule).reward(key);
    this.over.delete(key);
    // The window ended between the two: nobody gets more attempts than the limit in the next one.
    if (consumedPoints < 0) await this.clear(rule, subject);
  }

  /** Begins anew. */
  async clear(rule: ThrottleRule, subject: string): Promise<void> {
    const key = keyOf(rule, subject);
    await this.limiter(rule).delete(key);
    this.over.delete(key);
  }

  /** Attempts beyond the limit need not be counted. */
  private count(rule: ThrottleRule, subject: string): Promise<Counter> {
    const key = keyOf(rule, subject);
    const known = this.over.get(key);
    if (known) return Promise.resolve(known);
    return this.few(() => this.over.get(key) ?? this.write(rule, key));
  }

  /** `penalty` counts as `consume` does, but never throws a refusal. */
  private async write(rule: ThrottleRule, key: string): Promise<Counter> {
    return this.remember(rule, key, await this.limiter(rule).penalty(key));
  }

  /** As one attempt more would find it. */
  private async read(rule: ThrottleRule, key: string): Promise<Counter | null> {
    const found = await this.limiter(rule).get(key);
    if (!found) return null;
    const { consumedPoints, msBeforeNext } = found;
    return this.remember(rule, key, { consumedPoints: consumedPoints + 1, msBeforeNext });
  }

  private remember(rule: ThrottleRule, key: string, found: Pick<RateLimiterRes, 'consumedPoints' | 'msBeforeNext'>) {
    const { consumedPoints, msBeforeNext } = found;
    const counter = { consumedPoints, endsAt: Date.now() + msBeforeNext };
    if (consumedPoints > rule.limit && msBeforeNext > 0) {
      this.over.set(key, counter, { ttl: Math.min(msBeforeNext, LONGEST_REMEMBERED) });
    }
    return counter;
  }

  private limiter(rule: ThrottleRule): RateLimiterPostgres {
    const limiter = this.limiters.get(rule.name) ?? limiterFor(rule, this.dataSource);
    this.limiters.set(rule.name, limiter);
    return limiter;
  }
}

const limiterFor = (rule: ThrottleRule, dataSource: DataSource): RateLimiterPostgres =>
  new RateLimiterPostgres({
    storeClient: { query: (query: Query) => run(dataSource, query) },
    storeType: 'client',
    tableName: 'throttles',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: '',
    points: rule.limit,
    duration: rule.seconds,
  });

interface Query {
  text: string;
  values: unknown[];
}

/** Through TypeORM, which logs and traces it. The statement's own name is dropped: behind PgBouncer names must not be used. */
async function run(dataSource: DataSource, { text, values }: Query): Promise<{ rows: unknown[]; rowCount?: number }> {
  const runner = dataSource.createQueryRunner();
  try {
    const { records, affected } = await runner.query(text, values, true);
    return { rows: records, rowCount: affected };
  } finally {
    await runner.release();
  }
}

const keyOf = (rule: ThrottleRule, subject: string): string =>
  createHash('sha256').update(`${rule.name}\n${subject}`).digest('base64url');

/** Never more than a window: the clock of the replica that counted first may be ahead of this one's. */
function tooMany({ seconds }: ThrottleRule, { endsAt }: Counter) {
  const retryAfter = Math.min(Math.max(Math.ceil((endsAt - Date.now()) / 1_000), 1), seconds);
  return problem(429, 'too_many_attempts', `Too many attempts. Try again in ${retryAfter} seconds.`, { retryAfter });
}
