import { createServer } from 'node:net';
import { beginRun } from '../../support/run-of-tests.mjs';
import { OwnPostgres } from './own-postgres.mjs';

/** A server for each worker, as tests stop theirs. */
export default async function setUp({ maxWorkers }) {
  const folder = beginRun();
  const first = OwnPostgres.create(await freePort());
  first.start();
  Object.assign(process.env, { TEST_DATABASE: 'postgres', TEST_DATABASE_URL: first.url });
  const { prepare } = await import('../../support/template-database.mjs');
  await prepare(folder);
  first.stop('fast');
  const servers = [first];
  while (servers.length < maxWorkers) servers.push(first.copy(await freePort()));
  for (const server of servers) server.start();
  process.env.FAULTS_SERVERS = JSON.stringify(servers.map(({ folder, port, url }) => ({ folder, port, url })));
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
