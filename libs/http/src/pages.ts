import { Injectable } from '@nestjs/common';
import { Secrets } from '@usher/config';
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { PageQuery } from './page-query.dto.js';
import { invalid } from './problem.js';

const PURPOSE = 'page cursor';
/** Rows read for a page: one more than is shown. */
const LIMITS = [11, 21, 26, 51, 101];
const LOOKED_AT = 10_000;

/** One page of a list. */
export interface Page<Row> {
  data: Row[];
  /** Ask with it for the page after this one; null on the last page. */
  nextCursor: string | null;
  total?: number;
}

/** What a row must meet: SQL with a `?` for each value. */
export type Condition = [sql: string, ...values: unknown[]];

/**
 * A list on a measured path, which TypeORM's objects would slow down: statements whose text is always the same, so that they are
 * prepared once. Of what every page of it asks, write values as `(SELECT ?::uuid)`: PostgreSQL does not look at those while it
 * plans, so it plans once, where otherwise it may think that each value deserves a plan of its own.
 */
export interface SqlList<Row> {
  table: string;
  alias: string;
  /** With the order they have an index. */
  conditions: Condition[];
  /** Have none: a page looks for what meets them among the next 10,000 rows, so that it costs the same in every table; it may be short. */
  filters?: Condition[];
  /** `by` and `id` are columns. */
  order: Order<Row>;
  /** What is shown of the rows that `page` selects, in the order of `sorted`. */
  select: (page: string, sorted: string) => string;
}

/** An order in which every row has its own place: a property, and the id among rows that share a value. */
export interface Order<Row> {
  /** The list and its order; a cursor made under another name is refused. */
  name: string;
  by: string;
  id: string;
  direction: 'ASC' | 'DESC';
  /** The row's own values of both. */
  keyset: (row: Row) => [string, string];
}

/** `orderBy('user', '-createdAt', 'id')`, `-` for descending: alias and properties are code, never a caller's text. */
export function orderBy<Row>(alias: string, sort: string, id: keyof Row & string): Order<Row> {
  const property = sort.replace('-', '') as keyof Row & string; // as: a property of the rows, written in code
  return {
    name: `${alias}.${id} ${sort}`,
    by: `${alias}.${property}`,
    id: `${alias}.${id}`,
    direction: sort.startsWith('-') ? 'DESC' : 'ASC',
    keyset: (row) => [asText(row[property]), asText(row[id])],
  };
}

const asText = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));

/** Keyset pages: rows that come and go meanwhile make no row appear twice or be skipped. */
@Injectable()
export class Pages {
  constructor(private readonly secrets: Secrets) {}

  async read<Row extends ObjectLiteral>(
    query: SelectQueryBuilder<Row>,
    order: Order<Row>,
    page: PageQuery,
  ): Promise<Page<Row>> {
    const limit = page.limit ?? 20;
    const total = page.includeTotal ? { total: await query.getCount() } : {};
    if (page.cursor !== undefined) {
      const [value, id] = this.open(page.cursor, order.name);
      const comparison = order.direction === 'ASC' ? '>' : '<';
      query.andWhere(`(${order.by}, ${order.id}) ${comparison} (:cursorValue, :cursorId)`, {
        cursorValue: value,
        cursorId: id,
      });
    }
    const rows = await query
      .orderBy(order.by, order.direction)
      .addOrderBy(order.id, order.direction)
      .limit(limit + 1)
      .getMany();
    return { ...this.cut(rows, limit, order), ...total };
  }

  /** The same of a list that is written in SQL. */
  async select<Row>(tx: EntityManager, list: SqlList<Row>, page: PageQuery): Promise<Page<Row>> {
    const { order, alias, filters = [] } = list;
    const limit = page.limit ?? 20;
    const total = page.includeTotal ? { total: await count(tx, list) } : {};
    const conditions = [...list.conditions, ...this.after(page.cursor, order)];
    const sorted = `ORDER BY ${order.by} ${order.direction}, ${order.id} ${order.direction}`;
    const from = `SELECT * FROM ${list.table} ${alias} WHERE ${numbered(conditions)} ${sorted}`;
    const found =
      filters.length === 0
        ? from
        : `SELECT * FROM (${from} LIMIT ${LOOKED_AT}) ${alias} WHERE ${numbered(filters, valuesOf(conditions).length)} ${sorted}`;
    const statement = list.select(`${found} LIMIT ${limitOf(limit + 1)}`, sorted);
    const rows: Row[] = await tx.query(statement, valuesOf([...conditions, ...filters]));
    if (filters.length === 0 || rows.length > limit) return { ...this.cut(rows, limit, order), ...total };
    const [last]: Row[] = await tx.query(
      list.select(`${from} LIMIT 1 OFFSET ${LOOKED_AT - 1}`, sorted),
      valuesOf(conditions),
    );
    return { data: rows, nextCursor: last ? this.close(order.name, order.keyset(last)) : null, ...total };
  }

  /** One row more than asked for was read: it tells that there is another page. */
  private cut<Row>(rows: Row[], limit: number, order: Order<Row>): Page<Row> {
    const data = rows.slice(0, limit);
    const last = rows.length > limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? this.close(order.name, order.keyset(last)) : null };
  }

  private after<Row>(cursor: string | undefined, { name, by, id, direction }: Order<Row>): Condition[] {
    if (cursor === undefined) return [];
    return [[`(${by}, ${id}) ${direction === 'ASC' ? '>' : '<'} (?, ?)`, ...this.open(cursor, name)]];
  }

  private close(order: string, keyset: [string, string]): string {
    const text = Buffer.from(JSON.stringify([order, ...keyset])).toString('base64url');
    return `${text}.${this.secrets.sign(PURPOSE, text)}`;
  }

  private open(cursor: string, order: string): [string, string] {
    const [text, signature = '', ...more] = cursor.split('.');
    const isOurs = more.length === 0 && this.secrets.isSignature(PURPOSE, text, signature);
    const parts = isOurs ? (JSON.parse(Buffer.from(text, 'base64url').toString()) as string[]) : []; // as: we signed it
    if (parts[0] !== order)
      throw invalid('cursor', 'cursor must be the nextCursor of a page of this list in this order');
    return [parts[1], parts[2]];
  }
}

async function count<Row>(
  tx: EntityManager,
  { table, alias, conditions, filters = [] }: SqlList<Row>,
): Promise<number> {
  const all = [...conditions, ...filters];
  const statement = `SELECT count(*)::int AS total FROM ${table} ${alias} WHERE ${numbered(all)}`;
  const [{ total }]: [{ total: number }] = await tx.query(statement, valuesOf(all));
  return total;
}

/**
 * Part of the text: for a number that it does not know PostgreSQL plans as if a tenth of the table were wanted, and finds it
 * cheaper to plan anew each time. In steps, so that no caller can ask for more texts than a connection keeps.
 */
const limitOf = (rows: number): number => LIMITS.find((limit) => limit >= rows) ?? rows;

const valuesOf = (conditions: Condition[]): unknown[] => conditions.flatMap(([, ...values]) => values);

/** `?` become `$1`, `$2`, …, or go on after those that are there `already`. */
function numbered(conditions: Condition[], already = 0): string {
  let number = already;
  return conditions.map(([sql]) => sql.replace(/\?/g, () => `$${(number += 1)}`)).join(' AND ');
}
