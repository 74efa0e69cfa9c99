// Waits until the run of tests that started it has ended, even by SIGKILL, and removes what it left:
// its databases, the servers whose files are in its folder, and the folder.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from './is-alive.mjs';

const [name, folder] = process.argv.slice(2);
const ATTEMPTS = 20;
const PID_FILES = ['data/postmaster.pid', 'pgbouncer.pid'];

const server = await text(process.stdin);
try {
  if (server) await again(dropDatabases);
} finally {
  await again(endServers);
  rmSync(folder, { recursive: true, force: true, maxRetries: ATTEMPTS, retryDelay: 100 });
}

/** Workers of a killed run may be about to end. */
async function again(work) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await delay(500);
    }
  }
}

/** The template first: then no more can be cloned. */
async function dropDatabases() {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [`${name}_`]);
    for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}

async function endServers() {
  const files = readdirSync(folder).flatMap((each) => PID_FILES.map((file) => join(folder, each, file)));
  const pids = files.filter((file) => existsSync(file)).map((file) => parseInt(readFileSync(file, 'utf8')));
  const alive = pids.filter(isAlive);
  for (const pid of alive) process.kill(pid, 'SIGQUIT');
  if (alive.length > 0) throw new Error(`Still running: ${alive.join(', ')}`);
}
