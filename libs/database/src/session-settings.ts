import type { EntityManager } from 'typeorm';

/** In milliseconds. */
export const LONGEST_WORK = 600_000;

export const ALLOWS_LONG = `SET LOCAL statement_timeout = ${LONGEST_WORK}`;

/** For work that reads a whole table: each statement of this transaction may take ten minutes. */
export const allowLong = (tx: EntityManager): Promise<unknown> => tx.query(ALLOWS_LONG);

/**
 * What a connection says first. Statements and not parameters of the connection, which PgBouncer refuses;
 * all connections say the same, so that it does no harm when PgBouncer hands them round.
 */
export function timeLimits(longestStatement: number): string {
  return [
    `SET statement_timeout = ${longestStatement}`,
    `SET lock_timeout = ${Math.ceil((longestStatement * 2) / 3)}`,
    `SET idle_in_transaction_session_timeout = ${longestStatement * 2}`,
  ].join(';');
}
