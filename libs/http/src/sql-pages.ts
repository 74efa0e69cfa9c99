import type { JsonSql } from '@usher/database';
import type { EntityManager } from 'typeorm';

/** Rows read for a page: one more than is shown. */
const LIMITS = [11, 21, 26, 51, 101];
const LOOKED_AT = 10_000;

/** What a row must meet: SQL with a `?` for each value. */
export type Condition = [sql: string, ...values: unknown[]];

/** An order in which every row has its own place; `by` and `id` are columns. */
export interface SqlOrder {
  /** The list and its order; a cursor made under another name is refused. */
  name: string;
  by: string;
  id: string;
  direction: 'ASC' | 'DESC';
}

/**
 * A list on a measured path, written by PostgreSQL. The texts of its statements stay the same, so they are prepared and planned once.
 */
export interface SqlList {
  table: string;
  alias: string;
  /** With the order they have an index. */
  conditions: Condition[];
  /** Have none: a page looks for what meets them among the next 10,000 rows, so that it costs the same in every table; it may be short. */
  filters?: Condition[];
  order: SqlOrder;
  /** A row of the page as answers show it. */
  shown: JsonSql;
  /** What that needs beside the row: joins that neither add rows nor take any away. */
  joins: string;
}

/** A page as one row. */
interface FoundPage {
  /** The rows that are shown, with commas between; null when there are none. */
  data: string | null;
  /** With the one that tells that there are more. */
  rows: number;
  /** By what the last of a full page is found again. */
  lastValue: unknown;
  lastId: string | null;
}

type Asked = SqlList & { limit: number; after: Condition[] };

export async function readPage(tx: EntityManager, { limit, after, ...list }: Asked): Promise<FoundPage> {
  const { alias, filters = [] } = list;
  const conditions = [...list.conditions, ...after];
  const values = [...valuesOf([...conditions, ...filters]), limit];
  const all = rowsIn(list, conditions);
  const found =
    filters.length === 0
      ? all
      : `SELECT * FROM (${all} LIMIT ${LOOKED_AT}) ${alias} WHERE ${numbered(filters, valuesOf(conditions).length)} ${sorted(list)}`;
  const [page]: [FoundPage] = await tx.query(
    written(list, `${found} LIMIT ${rowsFor(limit)}`, `$${values.length}::int`),
    values,
  );
  return page;
}

/** Where the next page begins; null when there is none. Who looked for few among as many rows as one page looks through goes on behind those. */
export async function lastLookedAt(
  tx: EntityManager,
  asked: Asked,
  { rows, ...shown }: FoundPage,
): Promise<Last | null> {
  if (rows > asked.limit) return shown;
  if (!asked.filters?.length) return null;
  const conditions = [...asked.conditions, ...asked.after];
  const { by, id } = asked.order;
  const [last]: Last[] = await tx.query(
    `SELECT ${by} AS "lastValue", ${id} AS "lastId" FROM (${rowsIn(asked, conditions)} LIMIT 1 OFFSET ${LOOKED_AT - 1}) ${asked.alias}`,
    valuesOf(conditions),
  );
  return last ?? null;
}

type Last = Pick<FoundPage, 'lastValue' | 'lastId'>;

export async function count(tx: EntityManager, { table, alias, conditions, filters = [] }: SqlList): Promise<number> {
  const all = [...conditions, ...filters];
  const statement = `SELECT count(*)::int AS total FROM ${table} ${alias} WHERE ${numbered(all)}`;
  const [{ total }]: [{ total: number }] = await tx.query(statement, valuesOf(all));
  return total;
}

const sorted = ({ order: { by, id, direction } }: SqlList): string => `ORDER BY ${by} ${direction}, ${id} ${direction}`;

const rowsIn = (list: SqlList, conditions: Condition[]): string =>
  `SELECT * FROM ${list.table} ${list.alias} WHERE ${numbered(conditions)} ${sorted(list)}`;

/** The page is cut before anything is joined to it. */
const written = (list: SqlList, page: string, limit: string): string => `
  SELECT string_agg(${list.shown}, ',' ORDER BY row_on_page) FILTER (WHERE row_on_page <= ${limit}) AS data, count(*)::int AS rows,
    max(${list.order.by}) FILTER (WHERE row_on_page = ${limit}) AS "lastValue", max(${list.order.id}::text) FILTER (WHERE row_on_page = ${limit}) AS "lastId"
  FROM (SELECT *, row_number() OVER (${sorted(list)}) AS row_on_page FROM (${page}) ${list.alias}) ${list.alias}
  ${list.joins}`;

/**
 * Part of the text: for a number that it does not know PostgreSQL plans as if a tenth of the table were wanted, and finds it
 * cheaper to plan anew each time. In steps, so that no caller can ask for more texts than a connection keeps.
 */
const rowsFor = (limit: number): number => LIMITS.find((rows) => rows > limit) ?? limit + 1;

const valuesOf = (conditions: Condition[]): unknown[] => conditions.flatMap(([, ...values]) => values);

/** `?` become `$1`, `$2`, …, or go on after those that are there `already`. */
function numbered(conditions: Condition[], already = 0): string {
  let number = already;
  return conditions.map(([sql]) => sql.replace(/\?/g, () => `$${(number += 1)}`)).join(' AND ');
}
