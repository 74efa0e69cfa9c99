import { createHash, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Housekeeping } from '@usher/database';
import type { EntityManager } from 'typeorm';

const SLOTS = 32;
/** The day of now. */
export const DAY = `(now() AT TIME ZONE 'UTC')::date`;
/** When counting begins anew. */
export const TOMORROW = `((${DAY} + 1)::timestamp AT TIME ZONE 'UTC')`;
/** What a subject is called in the table, in SQL; `keyOf` says the same. */
export const KEY_OF = (subject: string): string => `encode(sha256(convert_to(${subject}, 'UTF8')), 'hex')`;

/** Counts only below the limit: no row comes back when it is reached. */
const TAKE_EXACTLY = `
  INSERT INTO sending_counters AS counter (subject, day, slot, hits) VALUES ($1, ${DAY}, 0, 1)
  ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + 1 WHERE counter.hits < $2
  RETURNING hits`;

const TAKE_LOOSELY = `
  INSERT INTO sending_counters AS counter (subject, day, slot, hits)
  SELECT $1, ${DAY}, $3, 1
  WHERE (SELECT coalesce(sum(hits), 0) FROM sending_counters WHERE subject = $1 AND day = ${DAY}) < $2
  ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + 1
  RETURNING hits`;

/** Counts what is sent in a day, in the database, so that replicas share the count. Days begin at midnight UTC by its clock. */
@Injectable()
export class SendingCounters {
  constructor(housekeeping: Housekeeping) {
    housekeeping.register('sending counters', `DELETE FROM sending_counters WHERE day < ${DAY}`);
  }

  /** Counts one; false, and nothing is counted, when `limit` is reached. Those at the same instant wait for one another. */
  async takeExactly(tx: EntityManager, subject: string, limit: number): Promise<boolean> {
    const rows: unknown[] = await tx.query(TAKE_EXACTLY, [keyOf(subject), limit]);
    return rows.length > 0;
  }

  /** The same without waiting: the limit may be passed by what is under way at the same instant. */
  async takeLoosely(tx: EntityManager, subject: string, limit: number): Promise<boolean> {
    const rows: unknown[] = await tx.query(TAKE_LOOSELY, [keyOf(subject), limit, randomInt(SLOTS)]);
    return rows.length > 0;
  }

  /** Seconds until counting begins anew. */
  async secondsLeft(tx: EntityManager): Promise<number> {
    const [{ seconds }]: [{ seconds: number }] = await tx.query(
      `SELECT ceil(extract(epoch FROM ${TOMORROW} - now()))::int AS seconds`,
    );
    return Math.max(seconds, 1);
  }
}

/** What a subject is called in the table. */
export const keyOf = (subject: string): string => createHash('sha256').update(subject).digest('hex');
