// Chooses the database of the end-to-end tests, migrates a template once, and lets every suite clone it.
// TEST_DATABASE=postgres or embedded chooses; otherwise PostgreSQL is used when it answers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { beginRun, useServer } from './run-of-tests.mjs';

const SERVER = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

export default async function setUp() {
  await prepare(beginRun());
}

export async function prepare(folder) {
  const wanted = process.env.TEST_DATABASE;
  const client = wanted === 'embedded' ? null : await connect();
  if (wanted === 'postgres' && !client) throw new Error(`TEST_DATABASE is postgres, but none answers at ${SERVER}`);
  process.stdout.write(`\nEnd-to-end tests run on ${client ? 'PostgreSQL' : 'the embedded database'}.\n`);
  await (client ? prepareServer(client) : prepareEmbedded(folder));
}

async function connect() {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return client;
  } catch {
    return null;
  }
}

async function prepareServer(client) {
  const name = await useServer(client, SERVER);
  await client.query(`CREATE DATABASE ${name}`);
  process.env.TEST_SERVER = SERVER;
  process.env.TEST_TEMPLATE = name;
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  await migrate({ DATABASE_URL: url.href });
}

async function prepareEmbedded(folder) {
  const { openEmbeddedDatabase } = await import('../../dist/libs/database/src/index.js');
  const embedded = await openEmbeddedDatabase('memory://');
  await migrate({}, embedded);
  const file = join(folder, 'template.tar');
  writeFileSync(file, await embedded.dump());
  await embedded.close();
  process.env.TEST_EMBEDDED_TEMPLATE = file;
}

async function migrate(environment, embedded = null) {
  await import('reflect-metadata');
  const { DataSource } = await import('typeorm');
  const { loadConfiguration } = await import('../../dist/libs/config/src/index.js');
  const { connectionOptions } = await import('../../dist/libs/database/src/index.js');
  const { schema } = await import('../../dist/apps/api/src/schema.js');
  const dataSource = new DataSource(connectionOptions(loadConfiguration(environment), schema, embedded));
  await dataSource.initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
}
