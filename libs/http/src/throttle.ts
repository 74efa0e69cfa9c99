import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Housekeeping } from '@usher/database';
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

/** Counts attempts in the database, so that all replicas share the count. */
@Injectable()
export class Throttle {
  private readonly few = pLimit(CONNECTIONS);
  private readonly limiters = new Map<string, RateLimiterPostgres>();

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
    const counter = await this.limiter(rule).get(keyOf(rule, subject));
    if (counter && counter.consumedPoints >= rule.limit) throw tooMany(rule, counter);
  }

  /** Takes one attempt back: it turned out to be legitimate. */
  async forgive(rule: ThrottleRule, subject: string): Promise<void> {
    const { consumedPoints } = await this.limiter(rule).reward(keyOf(rule, subject));
    // The window ended between the two: nobody gets more attempts than the limit in the next one.
    if (consumedPoints < 0) await this.clear(rule, subject);
  }

  /** Begins anew. */
  async clear(rule: ThrottleRule, subject: string): Promise<void> {
    await this.limiter(rule).delete(keyOf(rule, subject));
  }

  /** `penalty` counts as `consume` does, but never throws a refusal. */
  private count(rule: ThrottleRule, subject: string): Promise<RateLimiterRes> {
    return this.few(() => this.limiter(rule).penalty(keyOf(rule, subject)));
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
function tooMany({ seconds }: ThrottleRule, { msBeforeNext }: RateLimiterRes) {
  const retryAfter = Math.min(Math.max(Math.ceil(msBeforeNext / 1_000), 1), seconds);
  return problem(429, 'too_many_attempts', `Too many attempts. Try again in ${retryAfter} seconds.`, { retryAfter });
}
