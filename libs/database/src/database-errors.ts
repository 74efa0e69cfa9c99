import { QueryFailedError } from 'typeorm';

interface DatabaseError {
  message: string;
  /** SQLSTATE. */
  code?: string;
  constraint?: string;
}

/** Whether the database refused a write because of the constraint or unique index of this name. */
export const violates = (error: unknown, constraint: string): boolean =>
  databaseError(error)?.constraint === constraint;

/** Whether PostgreSQL ended the transaction because it waited for another one that waited for it. */
export const isDeadlock = (error: unknown): boolean => databaseError(error)?.code === '40P01';

/** Whether a statement took itself back: dividing by zero is how SQL says so. */
export const isTakenBack = (error: unknown): boolean => databaseError(error)?.code === '22012';

/** Whether a prepared statement was refused because the tables have changed since it was planned. */
export const isStalePlan = (error: unknown): boolean => {
  const { code, message } = (databaseError(error) ?? error) as DatabaseError; // as: node-postgres rejects with errors
  return code === '0A000' && /cached plan/.test(message);
};

function databaseError(error: unknown): DatabaseError | null {
  return error instanceof QueryFailedError ? (error.driverError as DatabaseError) : null; // as: node-postgres puts these fields there
}
