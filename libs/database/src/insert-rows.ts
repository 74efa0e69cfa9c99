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

/**
 * `fields`: what rows have; columns that they do not name get their defaults.
 * The first row is said in full, the others where they differ from it: what is alike in all is written, sent and read once.
 */
export function insertionOf<Entity extends ObjectLiteral>(
  dataSource: DataSource,
  target: EntityTarget<Entity>,
  fields: readonly string[],
): Insertion<Entity> {
  const { tableName, columns } = dataSource.getMetadata(target);
  const written = columns.filter(({ propertyName }) => fields.includes(propertyName));
  const names = written.map(({ databaseName }) => `"${databaseName}"`).join(', ');
  return {
    from: (parameter) => `INSERT INTO "${tableName}" (${names}) SELECT ${names} FROM
      json_populate_recordset(json_populate_record(NULL::"${tableName}", ${parameter}::json -> 0), ${parameter}::json)`,
    json: (rows) => JSON.stringify(said(rows, written)),
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
  const [{ written }]: [{ written: number }] = await tx.query(
    `WITH written AS (${insertion.from('$1')} ${unlessThere ? 'ON CONFLICT DO NOTHING' : ''} RETURNING 1)
    SELECT count(*)::int AS written FROM written`,
    [insertion.json(rows)],
  );
  return written;
}

interface WrittenColumn {
  databaseName: string;
  propertyName: string;
}

function said(rows: readonly ObjectLiteral[], columns: readonly WrittenColumn[]): ObjectLiteral[] {
  const all: ObjectLiteral[] = [];
  for (const row of rows) {
    const fields: ObjectLiteral = {};
    for (const { databaseName, propertyName } of columns) {
      const value = inJson(row[propertyName]);
      if (all.length === 0 || value !== all[0][databaseName]) fields[databaseName] = value;
    }
    all.push(fields);
  }
  return all;
}

/** Bytes and moments as PostgreSQL reads them; equal ones are the same text then. */
function inJson(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return value instanceof Date ? value.toISOString() : (value ?? null);
}
