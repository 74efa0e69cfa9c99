import pg from 'pg';
import { readTimestamp, TIMESTAMPTZ } from './timestamps.js';

const byThePackage = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => unknown; // as: typed `any` there

describe('readTimestamp', () => {
  it.each([
    '2026-11-20 18:46:36+00',
    '2026-11-20 18:46:36.1+00',
    '2026-11-20 18:46:36.123+00',
    '1969-12-31 23:59:59.999+00',
    '2026-11-20 18:46:36.123456+00',
    '2026-11-20 19:46:36.123+01',
    '2026-11-20 18:46:36.5-03:30',
    '0044-03-15 12:00:00+00 BC',
    '12026-11-20 18:46:36+00',
    'infinity',
    '-infinity',
  ])('reads %s as node-postgres does, also for JSON', (text) => {
    expect(readTimestamp(text)).toEqual(byThePackage(text));
    expect(JSON.stringify(readTimestamp(text))).toBe(JSON.stringify(byThePackage(text)));
  });
});
