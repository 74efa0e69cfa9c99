// A run of Jest, and what it leaves on this machine: databases and a folder that bear its name.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from './is-alive.mjs';

const STARTED = Math.floor(Date.now() / 1_000);
/** By process and start, as a later process may have the same number. */
const NAME = `usher_test_${process.pid}_${STARTED}`;
const FOLDER = /^usher_test_(\d+)_\d{10}$/;

/** Of runs that hold their lock no more; a server's locks are seen from each of its databases. */
const OF_DEAD_RUNS = `
  SELECT datname FROM pg_database
  WHERE datname ~ '^usher_test_[0-9]+_[0-9]{10}(_[0-9a-f]{8})?$' AND NOT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND classid::text = split_part(datname, '_', 4) AND objid::text = split_part(datname, '_', 3))`;

/** Everything temporary goes into one folder; `end-of-run.mjs` removes it when this process ends, however it ends. */
export function beginRun() {
  removeFoldersOfDeadRuns();
  const folder = join(tmpdir(), NAME);
  mkdirSync(folder);
  chmodSync(folder, 0o755); // PostgreSQL runs as somebody else
  process.env.TMPDIR = folder;
  const end = fileURLToPath(new URL('end-of-run.mjs', import.meta.url));
  const cleaner = spawn(process.execPath, [end, NAME, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  cleaner.unref();
  cleaner.stdin.unref();
  globalThis.runOfTests = { cleaner };
  return folder;
}

/** Drops what dead runs left there, and answers the name that databases of this one begin with. */
export async function useServer(client, url) {
  client.on('error', () => undefined); // the tests of faults stop it
  await client.query('SELECT pg_advisory_lock($1, $2)', [STARTED, process.pid]);
  const { rows } = await client.query(OF_DEAD_RUNS);
  for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  globalThis.runOfTests.cleaner.stdin.write(url);
  globalThis.runOfTests.client = client;
  return NAME;
}

export async function endRun() {
  const { cleaner } = globalThis.runOfTests;
  cleaner.ref();
  cleaner.stdin.end();
  const [code] = await once(cleaner, 'exit');
  await globalThis.runOfTests.client?.end().catch(() => undefined);
  if (code !== 0) throw new Error(`Something of ${NAME} is left`);
}

function removeFoldersOfDeadRuns() {
  for (const name of readdirSync(tmpdir())) {
    const pid = FOLDER.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
