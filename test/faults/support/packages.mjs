// What is broken needs Debian's programs.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const first = (paths) => paths.find((path) => existsSync(path)) ?? null;
const inEach = (folder, path) =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, path)) : [];

/** The folder of initdb, pg_ctl and others; of the newest version. */
export const postgresql = () => {
  const newest = inEach('/usr/lib/postgresql', 'bin').sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return newest.find((bin) => existsSync(join(bin, 'initdb'))) ?? null;
};

export const pgbouncer = () => first(['/usr/sbin/pgbouncer']);

/** The library that tells a process another time. */
export const faketime = () => first(inEach('/usr/lib', 'faketime/libfaketime.so.1'));

/** Each answers null when it is not installed. */
export const PACKAGES = { postgresql, pgbouncer, faketime };
