import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

export interface InsertRows {
  /** Rows that the database refuses as duplicates are left out. */
  unlessThere?: boolean;
}

/**
 * Inserts any number of rows, in their order, by one statement with one parameter, and answers how many were written. All have the fields of the first;
 * columns that it does not name get their defaults. TypeORM's own insert takes a parameter for every value, and most of the time of a thousand rows.
 */
export async function insertRows<Entity extends ObjectLiteral>(
  tx: EntityManager,
  target: EntityTarget<Entity>,
  rows: readonly Partial<Entity>[],
  { unlessThere = false }: InsertRows = {},
): Promise<number> {
  if (rows.length === 0) return 0;
  const { tableName, columns } = tx.connection.getMetadata(target);
  const written = columns.filter(({ propertyName }) => propertyName in rows[0]);
  const names = written.map(({ databaseName }) => `"${databaseName}"`).join(', ');
  const json = rows.map((row) =>
    Object.fromEntries(written.map(({ databaseName, propertyName }) => [databaseName, inJson(row[propertyName])])),
  );
  const inserted: unknown[] = await tx.query(
    `INSERT INTO "${tableName}" (${names}) SELECT ${names} FROM json_populate_recordset(NULL::"${tableName}", $1)
     ${unlessThere ? 'ON CONFLICT DO NOTHING' : ''} RETURNING 1`,
    [JSON.stringify(json)],
  );
  return inserted.length;
}

/** Bytes as PostgreSQL writes them. */
const inJson = (value: unknown): unknown => (Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value);
