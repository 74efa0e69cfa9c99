import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

interface DatabaseError {
  message: string;
  /** SQLSTATE, or the system's word when there is no connection. */
  code?: string;
  constraint?: string;
}

const ENDED_TO_LET_OTHERS_ON = ['40P01', '40001'];
/** The server goes, or has become one that may only be read, as after a fail-over. */
const ENDS_CONNECTION = /^(57P0[1-5]|25006|25P0[34])$/;
/**
 * No connection, no permission, no room; read-only; a time limit passed; its disk fails.
 * https://www.postgresql.org/docs/15/errcodes-appendix.html
 */
const IS_AWAY = /^(08...|28...|3D000|42501|53...|57P0.|57014|55P03|25006|25P0[34]|40P01|40001|58...)$/;
const NO_NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/;
const LOST_BETWEEN_STATEMENTS = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];
/** node-postgres has no codes for these. */
const NO_CONNECTION =
  /^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client (was closed|has encountered))/;

const failedToConnect = new WeakSet<object>();

/** Marks an error as one of connecting: whatever its cause, nothing is wrong with what was asked. */
export function markAsAway(error: object): void {
  failedToConnect.add(error);
}

/** Whether the database refused a write because of the constraint or unique index of this name. */
export const violates = (error: unknown, constraint: string): boolean =>
  databaseError(error)?.constraint === constraint;

/** Whether PostgreSQL ended the transaction because it and another one stood in each other's way. */
export const isDeadlock = (error: unknown): boolean =>
  ENDED_TO_LET_OTHERS_ON.includes(databaseError(error)?.code ?? '');

/** Whether a unique index or a foreign key refused a write. */
export const isConflict = (error: unknown): boolean => ['23503', '23505'].includes(databaseError(error)?.code ?? '');

/** Whether a prepared statement was refused because the tables have changed since it was planned. */
export const isStalePlan = (error: unknown): boolean => {
  const { code, message } = (databaseError(error) ?? error) as DatabaseError; // as: node-postgres rejects with errors
  return code === '0A000' && /cached plan/.test(message);
};

/** Whether somebody in between, such as PgBouncer before 1.21, hands connections round: a name then means what another one prepared, or nothing. */
export const isForeignName = (error: unknown): boolean =>
  ['42P05', '26000'].includes(((databaseError(error) ?? error) as DatabaseError).code ?? ''); // as: see above

/** Whether nothing is wrong with what was asked: the database cannot be reached, or cannot do it now. */
export function isDatabaseAway(error: unknown): boolean {
  if (LOST_BETWEEN_STATEMENTS.some((type) => error instanceof type)) return true;
  const cause = databaseError(error) ?? ((error ?? {}) as Partial<DatabaseError>); // as: only read, may be missing
  return failedToConnect.has(cause) || saysAway(cause);
}

function saysAway({ code = '', message = '' }: Partial<DatabaseError>): boolean {
  return IS_AWAY.test(code) || NO_NETWORK.test(code) || NO_CONNECTION.test(message);
}

export const endsConnection = (error: unknown): boolean =>
  ENDS_CONNECTION.test((error as Partial<DatabaseError>).code ?? ''); // as: only read, may be missing

function databaseError(error: unknown): DatabaseError | null {
  return error instanceof QueryFailedError ? (error.driverError as DatabaseError) : null; // as: node-postgres puts these fields there
}
