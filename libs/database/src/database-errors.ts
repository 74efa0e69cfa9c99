import { QueryFailedError } from 'typeorm';

interface DatabaseError {
  /** SQLSTATE. */
  code?: string;
  constraint?: string;
}

/** Whether the database refused a write because of the constraint or unique index of this name. */
export const violates = (error: unknown, constraint: string): boolean =>
  databaseError(error)?.constraint === constraint;

/** Whether PostgreSQL ended the transaction because it waited for another one that waited for it. */
export const isDeadlock = (error: unknown): boolean => databaseError(error)?.code === '40P01';

function databaseError(error: unknown): DatabaseError | null {
  return error instanceof QueryFailedError ? (error.driverError as DatabaseError) : null; // as: node-postgres puts these fields there
}
