import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import pg from 'pg';

export default async function drop() {
  const { TEST_SERVER, TEST_TEMPLATE, TEST_EMBEDDED_TEMPLATE } = process.env;
  if (TEST_EMBEDDED_TEMPLATE) rmSync(dirname(TEST_EMBEDDED_TEMPLATE), { recursive: true, force: true });
  if (!TEST_TEMPLATE) return;
  const client = new pg.Client({ connectionString: TEST_SERVER });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${TEST_TEMPLATE} WITH (FORCE)`);
  await client.end();
}
