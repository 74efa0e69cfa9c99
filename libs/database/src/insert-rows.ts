import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

export interface InsertRows {
  /** Rows that the database refuses as duplicates are left out. */
  unlessThere?: boolean;
}

/** An INSERT of any number of rows that are given in one parameter, as JSON. */
export interface Insertion<Entity = object> {
  /** `INSERT … SELECT … FROM` the parameter with this number, to be followed by WHERE, ON CONFLICT and RETURNING. */
  from(parameter: string): string;
  /** The value of the parameter. */
  json(rows: readonly Partial<Entity>[]): string;
}

/** `fields`: what rows have; columns that they do not name get their defaults. */
export function insertionOf<Entity extends ObjectLiteral>(
  dataSource: DataSource,
  target: EntityTarget<Entity>,
  fields: readonly string[],
): Insertion<Entity> {
  const { tableName, columns } = dataSource.getMetadata(target);
  const written = columns.filter(({ propertyName }) => fields.includes(propertyName));
  const names = written.map(({ databaseName }) => `"${databaseName}"`).join(', ');
  return {
    from: (parameter) =>
      `INSERT INTO "${tableName}" (${names}) SELECT ${names} FROM json_populate_recordset(NULL::"${tableName}", ${parameter})`,
    json: (rows) =>
      JSON.stringify(
        rows.map((row) =>
          Object.fromEntries(
            written.map(({ databaseName, propertyName }) => [databaseName, inJson(row[propertyName])]),
          ),
        ),
      ),
  };
}

/**
 * Inserts any number of rows, in their order, by one statement with one parameter, and answers how many were written. All have the fields of the first.
 * TypeORM's own insert takes a parameter for every value, and most of the time of a thousand rows.
 */
export async function insertRows<Entity extends ObjectLiteral>(
  tx: EntityManager,
  target: EntityTarget<Entity>,
  rows: readonly Partial<Entity>[],
  { unlessThere = false }: InsertRows = {},
): Promise<number> {
  if (rows.length === 0) return 0;
  const insertion = insertionOf(tx.connection, target, Object.keys(rows[0]));
  const inserted: unknown[] = await tx.query(
    `${insertion.from('$1')} ${unlessThere ? 'ON CONFLICT DO NOTHING' : ''} RETURNING 1`,
    [insertion.json(rows)],
  );
  return inserted.length;
}

/** Bytes as PostgreSQL writes them. */
const inJson = (value: unknown): unknown => (Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value);
