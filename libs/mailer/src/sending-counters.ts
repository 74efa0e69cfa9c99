import { createHash, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Housekeeping } from '@usher/database';
import type { EntityManager } from 'typeorm';

const SLOTS = 32;
/** Any of the slots. */
export const anySlot = (): number => randomInt(SLOTS);
/** The day of now. */
export const DAY = `(now() AT TIME ZONE 'UTC')::date`;
/** When counting begins anew. */
export const TOMORROW = `((${DAY} + 1)::timestamp AT TIME ZONE 'UTC')`;
/** What a subject is called in the table, in SQL; `keyOf` says the same. */
export const KEY_OF = (subject: string): string => `encode(sha256(convert_to(${subject}, 'UTF8')), 'hex')`;

/** Counts only below the limit: no row comes back when it is reached. `once`: a FROM of one row, or of none to count nothing. */
export const takingExactly = (once: string, subject: string, limit: string): string => `
  INSERT INTO sending_counters AS counter (subject, day, slot, hits) SELECT ${subject}, ${DAY}, 0, 1 FROM ${once}
  ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + 1 WHERE counter.hits < ${limit}
  RETURNING hits`;

/** The same in one of many slots, so that nobody waits. */
export const takingLoosely = (once: string, counted: { subject: string; slot: string; limit: string }): string => `
  INSERT INTO sending_counters AS counter (subject, day, slot, hits)
  SELECT ${counted.subject}, ${DAY}, ${counted.slot}, 1 FROM ${once}
  WHERE (SELECT coalesce(sum(hits), 0) FROM sending_counters WHERE subject = ${counted.subject} AND day = ${DAY}) < ${counted.limit}
  ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + 1
  RETURNING hits`;

const ONCE = '(SELECT 1) AS once';
const TAKE_EXACTLY = takingExactly(ONCE, '$1', '$2');
const TAKE_LOOSELY = takingLoosely(ONCE, { subject: '$1', slot: '$3', limit: '$2' });

/** In the order of their keys, so that two who count the same subjects wait for one another and not both. Answers those at their limit. */
const TAKE_EACH_EXACTLY = `
  WITH taken AS (
    INSERT INTO sending_counters AS counter (subject, day, slot, hits)
    SELECT subject, ${DAY}, 0, 1 FROM unnest($1::text[]) AS subject ORDER BY subject
    ON CONFLICT (subject, day, slot) DO UPDATE SET hits = counter.hits + 1 WHERE counter.hits < $2
    RETURNING subject)
  SELECT subject FROM unnest($1::text[]) AS subject EXCEPT SELECT subject FROM taken`;

const GIVE_BACK = `
  UPDATE sending_counters SET hits = hits - 1 WHERE subject = ANY ($1) AND day = ${DAY} AND slot = 0`;

const COUNTED = `
  SELECT subject, sum(hits)::int AS hits FROM sending_counters WHERE subject = ANY ($1) AND day = ${DAY} GROUP BY subject`;

const ADD_LOOSELY = `
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
    const rows: unknown[] = await tx.query(TAKE_EXACTLY, [keyOf(subject), limit]);
    return rows.length > 0;
  }

  /** The same without waiting: the limit may be passed by what is under way at the same instant. */
  async takeLoosely(tx: EntityManager, subject: string, limit: number): Promise<boolean> {
    const rows: unknown[] = await tx.query(TAKE_LOOSELY, [keyOf(subject), limit, anySlot()]);
    return rows.length > 0;
  }

  /** The same for many subjects: those for which one was counted. */
  async takeEachExactly(tx: EntityManager, subjects: string[], limit: number): Promise<Set<string>> {
    if (subjects.length === 0) return new Set();
    const byKey = new Map(subjects.map((subject) => [keyOf(subject), subject]));
    const full: { subject: string }[] = await tx.query(TAKE_EACH_EXACTLY, [[...byKey.keys()], limit]);
    for (const { subject } of full) byKey.delete(subject);
    return new Set(byKey.values());
  }

  /** Takes back one of each, in the transaction that counted it exactly. */
  async giveBack(tx: EntityManager, subjects: string[]): Promise<void> {
    if (subjects.length > 0) await tx.query(GIVE_BACK, [subjects.map(keyOf)]);
  }

  /** What was counted today, in the order of the subjects. */
  async counted(tx: EntityManager, subjects: string[]): Promise<number[]> {
    const rows: { subject: string; hits: number }[] = await tx.query(COUNTED, [subjects.map(keyOf)]);
    return subjects.map((subject) => rows.find((row) => row.subject === keyOf(subject))?.hits ?? 0);
  }

  /** Counts so many for each subject, without waiting and whatever the limit. */
  async addLoosely(tx: EntityManager, subjects: string[], hits: number): Promise<void> {
    if (subjects.length > 0 && hits > 0) await tx.query(ADD_LOOSELY, [subjects.map(keyOf), anySlot(), hits]);
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
