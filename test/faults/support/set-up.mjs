import { createServer } from 'node:net';
import { OwnPostgres } from './own-postgres.mjs';

export default async function setUp() {
  const server = OwnPostgres.create(await freePort());
  server.start();
  globalThis.ownPostgres = server;
  Object.assign(process.env, {
    TEST_DATABASE: 'postgres',
    TEST_DATABASE_URL: server.url,
    FAULTS_POSTGRES_FOLDER: server.folder,
    FAULTS_POSTGRES_PORT: String(server.port),
  });
  const { default: prepare } = await import('../../support/template-database.mjs');
  await prepare();
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
