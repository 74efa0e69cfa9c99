import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A migrated database of its own for a suite. */
export interface TestDatabase {
  /** The environment that a server needs to use it. */
  environment: Record<string, string>;
  drop(): Promise<void>;
}

export const onServer = (): boolean => Boolean(process.env.TEST_TEMPLATE);

/** A clone of the template: on the server a database, embedded an archive that the server begins with. `empty`, on a server: without tables. */
export async function createDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const { TEST_SERVER, TEST_TEMPLATE, TEST_EMBEDDED_TEMPLATE } = process.env;
  if (!TEST_SERVER || !TEST_TEMPLATE) {
    return {
      environment: { DATA_DIR: 'memory://', EMBEDDED_TEMPLATE: TEST_EMBEDDED_TEMPLATE ?? '' },
      drop: async () => undefined,
    };
  }
  const name = `${TEST_TEMPLATE}_${randomBytes(4).toString('hex')}`;
  await onTheServer(`CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : TEST_TEMPLATE}`);
  const url = new URL(TEST_SERVER);
  url.pathname = `/${name}`;
  return {
    environment: { DATABASE_URL: url.href },
    drop: () => onTheServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** Two suites may clone at the same instant, which the template does not bear: they take turns. */
async function onTheServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.TEST_SERVER });
  await client.connect();
  await client.query('SELECT pg_advisory_lock(727)');
  await client.query(statement);
  await client.end();
}
