import { Injectable } from '@nestjs/common';
import { Secrets } from '@usher/config';
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { PageQuery } from './page-query.dto.js';
import { Json } from './json.js';
import { invalid } from './problem.js';
import { type Condition, count, lastLookedAt, readPage, type SqlList, type SqlOrder } from './sql-pages.js';

const PURPOSE = 'page cursor';

/** One page of a list. */
export interface Page<Row> {
  data: Row[];
  /** Ask with it for the page after this one; null on the last page. */
  nextCursor: string | null;
  total?: number;
}

/** An order in which every row has its own place: a property, and the id among rows that share a value. */
export interface Order<Row> extends SqlOrder {
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
  async select<Row>(tx: EntityManager, list: SqlList, page: PageQuery): Promise<Json<Page<Row>>> {
    const asked = { ...list, limit: page.limit ?? 20, after: this.after(page.cursor, list.order) };
    const total = page.includeTotal ? `,"total":${await count(tx, list)}` : '';
    const read = await readPage(tx, asked);
    const last = await lastLookedAt(tx, asked, read);
    const next = last && this.close(list.order.name, [asText(last.lastValue), asText(last.lastId)]);
    return new Json(`{"data":[${read.data ?? ''}],"nextCursor":${JSON.stringify(next)}${total}}`);
  }

  /** One row more than asked for was read: it tells that there is another page. */
  private cut<Row>(rows: Row[], limit: number, order: Order<Row>): Page<Row> {
    const data = rows.slice(0, limit);
    const last = rows.length > limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? this.close(order.name, order.keyset(last)) : null };
  }

  private after(cursor: string | undefined, { name, by, id, direction }: SqlOrder): Condition[] {
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
