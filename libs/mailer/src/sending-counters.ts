import { createHash, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Housekeeping, sql, type Statement } from '@usher/database';
import type { EntityManager } from 'typeorm';

const SLOTS = 32;
/** The day of now. */
export const DAY = `(now() AT TIME ZONE 'UTC')::date`;
/** When counting begins anew. */
export const TOMORROW = `((${DAY} + 1)::timestamp AT TIME ZONE 'UTC')`;
/** What a subject is called in the table, in SQL; `keyOf` says the same. */
export const KEY_OF = (subject: string): string => `encode(sha256(convert_to(${subject}, 'UTF8')), 'hex')`;

/** Counts only below the limit: no row comes back when it is reached. */
const TAKE = `
  INSERT INTO sending_counters AS counter (subject, day, slot, hits) VALUES ($1, ${DAY}, 0, 1)
  ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + 1 WHERE counter.hits < $2
  RETURNING hits`;

/** Counts one for each key below the limit, in their order, so that two who count the same wait for one another and not both. */
const takingEach = (keys: string, limit: string): string => `
  INSERT INTO sending_counters AS counter (subject, day, slot, hits)
  SELECT key, ${DAY}, 0, 1 FROM (${keys}) AS asked (key) WHERE ${limit} IS NOT NULL ORDER BY key
  ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + 1 WHERE counter.hits < ${limit}
  RETURNING subject`;

const TAKE_EACH = takingEach('SELECT DISTINCT unnest($1::text[])', '$2::int');

/** What a reservation counts, in SQL. */
export interface Reserved {
  /** A query of the keys of recipients' counters, once each. */
  keys: string;
  /** How many each recipient may get today; null: any number, and nothing is counted. */
  limit: string;
  /** Keys of counters that are only read. */
  shared: string;
}

/** Answers a `Reservation`. */
export const reserving = ({ keys, limit, shared }: Reserved): string => `
  WITH taken AS (${takingEach(keys, limit)})
  SELECT (SELECT coalesce(json_agg(subject), '[]') FROM taken) AS taken,
    (SELECT coalesce(json_object_agg(subject, hits), '{}') FROM (
      SELECT subject, sum(hits) AS hits FROM sending_counters WHERE subject = ANY (${shared}) AND day = ${DAY} GROUP BY subject
    ) AS counted) AS counted`;

export interface Reservation {
  /** Keys of the recipients for whom one was counted. */
  taken: string[];
  /** What was counted today, by key. */
  counted: Record<string, number>;
}

const GIVE_BACK = `
  UPDATE sending_counters SET hits = hits - 1 WHERE subject = ANY ($1) AND day = ${DAY} AND slot = 0`;

const ADD = `
  INSERT INTO sending_counters AS counter (subject, day, slot, hits)
  SELECT subject, ${DAY}, $2, $3 FROM unnest($1::text[]) WITH ORDINALITY AS counted (subject, place) ORDER BY place
  ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + excluded.hits`;

/** Counts what is sent in a day, in the database, so that replicas share the count. Days begin at midnight UTC by its clock. */
@Injectable()
export class SendingCounters {
  constructor(housekeeping: Housekeeping) {
    housekeeping.register('sending counters', { table: 'sending_counters', where: `day < ${DAY}` });
  }

  /** Counts one; false, and nothing is counted, when `limit` is reached. Those at the same instant wait for one another. */
  async takeExactly(tx: EntityManager, subject: string, limit: number): Promise<boolean> {
    const rows: unknown[] = await tx.query(TAKE, [keyOf(subject), limit]);
    return rows.length > 0;
  }

  /** The same for many subjects: those for which one was counted. */
  async takeEachExactly(tx: EntityManager, subjects: string[], limit: number): Promise<Set<string>> {
    const rows: { subject: string }[] = await tx.query(TAKE_EACH, [subjects.map(keyOf), limit]);
    const taken = new Set(rows.map(({ subject }) => subject));
    return new Set(subjects.filter((subject) => taken.has(keyOf(subject))));
  }

  /** Takes back one of each, in the transaction that counted it. */
  givingBack(keys: string[]): Statement {
    return sql(GIVE_BACK, [keys]);
  }

  /** Counts so many for each in one of many slots, so that nobody waits, and whatever the limit. */
  adding(keys: string[], hits: number): Statement {
    return sql(ADD, [keys, randomInt(SLOTS), hits]);
  }
}

/** Seconds until counting begins anew. */
export const secondsOfDayLeft = (now: Date): number => {
  const tomorrow = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
  return Math.max(Math.ceil((tomorrow - now.getTime()) / 1_000), 1);
};

/** What a subject is called in the table. */
export const keyOf = (subject: string): string => createHash('sha256').update(subject).digest('hex');
