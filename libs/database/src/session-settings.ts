import type { EntityManager } from 'typeorm';

/** In milliseconds. */
export const LONGEST_WORK = 600_000;

export const ALLOWS_LONG = `SET LOCAL statement_timeout = ${LONGEST_WORK}`;

/** For work that reads a whole table: each statement of this transaction may take ten minutes. */
export const allowLong = (tx: EntityManager): Promise<unknown> => tx.query(ALLOWS_LONG);

/**
 * What each connection sets first. As statements, because PgBouncer refuses them as parameters of the connection;
 * all connections set the same, so it does no harm when PgBouncer hands them round.
 */
export function sessionSettings(longestStatement: number): string {
  return [
    `SET statement_timeout = ${longestStatement}`,
    `SET lock_timeout = ${Math.ceil((longestStatement * 2) / 3)}`,
    `SET idle_in_transaction_session_timeout = ${longestStatement * 2}`,
    'SET plan_cache_mode = force_generic_plan',
    `SET DateStyle = 'ISO'`,
  ].join(';');
}
