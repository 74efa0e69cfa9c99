import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { sql, type Statement } from './statement.js';

/**
 * An INSERT of any number of rows in their order, with one parameter; all have the fields of the first, and columns that they do not name get their defaults.
 * The first row is said in full, the others where they differ from it: what is alike in all is written, sent and read once.
 * TypeORM's own insert takes a parameter for every value, and most of the time of a thousand rows. `onConflict`: what follows ON CONFLICT.
 */
export function insertion<Entity extends ObjectLiteral>(
  dataSource: DataSource,
  target: EntityTarget<Entity>,
  rows: readonly Partial<Entity>[],
  onConflict?: string,
): Statement {
  const { tableName, written, recordset } = recordsetOf(dataSource, target, rows);
  const names = written.map(({ databaseName }) => `"${databaseName}"`).join(', ');
  const text = `INSERT INTO "${tableName}" (${names}) SELECT ${names} FROM ${recordset}`;
  return sql(onConflict ? `${text} ON CONFLICT ${onConflict}` : text, [JSON.stringify(said(rows, written))]);
}

/** An UPDATE of any number of rows, found by their ids, to what is given: every field that the first row has. */
export function updateById<Entity extends ObjectLiteral & { id: string }>(
  dataSource: DataSource,
  target: EntityTarget<Entity>,
  rows: readonly Partial<Entity>[],
): Statement {
  const { tableName, written, recordset } = recordsetOf(dataSource, target, rows);
  const changes = written
    .filter(({ propertyName }) => propertyName !== 'id')
    .map(({ databaseName }) => `"${databaseName}" = changed."${databaseName}"`);
  const text = `UPDATE "${tableName}" SET ${changes.join(', ')}
    FROM ${recordset} AS changed
    WHERE "${tableName}".id = changed.id`;
  return sql(text, [JSON.stringify(said(rows, written))]);
}

/** Inserts rows at once; rows without one are no work. */
export async function insertRows<Entity extends ObjectLiteral>(
  tx: EntityManager,
  target: EntityTarget<Entity>,
  rows: readonly Partial<Entity>[],
): Promise<void> {
  if (rows.length === 0) return;
  const { text, values } = insertion(tx.connection, target, rows);
  await tx.query(text, [...values]);
}

/** The columns that the rows write, and the rows as PostgreSQL reads them from the one parameter. */
function recordsetOf<Entity extends ObjectLiteral>(
  dataSource: DataSource,
  target: EntityTarget<Entity>,
  rows: readonly Partial<Entity>[],
) {
  const { tableName, columns } = dataSource.getMetadata(target);
  const written = columns.filter(
    ({ propertyName, isVirtualProperty }) => propertyName in rows[0] && !isVirtualProperty,
  );
  const recordset = `json_populate_recordset(json_populate_record(NULL::"${tableName}", $1::json -> 0), $1::json)`;
  return { tableName, written, recordset };
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
