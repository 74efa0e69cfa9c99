import { firstPages, type SqlList } from '@usher/http';
import type { ReadAlong } from './access.decorators.js';

const LENGTH = /^([1-9]\d?|100)$/;

/**
 * The first page of a list, read together with the caller: half the round trips of what dashboards ask most. Its conditions speak of `access`.
 * Who asks for more than how long the page is gets what is read afterwards.
 */
export function firstPageAlong(name: string, list: SqlList): ReadAlong {
  const pages = firstPages(list).map(({ rows, sql }) => ({ name: `${name} of ${rows}`, rows, sql }));
  return ({ query }) => {
    const { limit = '20', ...more } = query as Record<string, unknown>; // as: nobody has validated it yet
    if (typeof limit !== 'string' || !LENGTH.test(limit) || Object.keys(more).length > 0) return null;
    const page = pages.find(({ rows }) => rows > Number(limit));
    return page ? { ...page, values: [Number(limit)] } : null;
  };
}
