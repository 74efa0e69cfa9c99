import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { eventually } from './support/eventually.js';
import { ADMIN } from './support/app.js';
import { createDatabase, type TestDatabase } from './support/database.js';
import { describeOnServer } from './support/races.js';
import { freePort, ServerProcess } from './support/server-process.js';

const READERS = 260;
const MEBIBYTE = 1_048_576;
/** What one process may take more while nobody reads: the bound of 64 MiB, and room for the rest. */
const MORE_MEMORY = 150 * MEBIBYTE;

describeOnServer('slow clients', () => {
  let database: TestDatabase;
  let server: ServerProcess;
  let port: number;
  let sockets: Socket[] = [];

  beforeEach(async () => {
    database = await createDatabase();
    port = Number(await freePort());
    server = await new ServerProcess({
      NODE_ENV: 'test',
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      APP_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      TRUST_PROXY: '127.0.0.1',
      LOG_LEVEL: 'warn',
      ...database.environment,
    }).untilUp();
  });
  afterEach(async () => {
    sockets.forEach((socket) => socket.destroy());
    sockets = [];
    await server.kill();
    await database.drop();
  });

  /** Says `text`, and reads nothing. */
  const say = (text: string): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text, () => resolve(socket)));
      socket.pause().once('error', reject);
      sockets.push(socket);
    });
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: usher.test\r\n\r\n`;
  const memory = (): number => {
    const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes) * 1_024;
  };
  const expectServed = async (): Promise<void> => {
    expect((await server.api.post('/auth/sign-in', ADMIN)).status).toBe(200);
    expect((await server.root.get('/readyz')).status).toBe(200);
  };

  it.each(['/docs/swagger-ui-bundle.js', '/openapi.json'])(
    `${READERS} of which read nothing of %s keep nobody out, and take little memory`,
    async (path) => {
      await server.root.get(path);
      const before = memory();
      for (let asked = 0; asked < READERS; asked += 1) await say(get(path).repeat(2));
      let most = 0;
      for (let asked = 0; asked < 20; asked += 1) {
        await expectServed();
        most = Math.max(most, memory());
      }
      expect(most - before).toBeLessThan(MORE_MEMORY);
    },
  );

  it('are cut off when they read nothing for half a minute', async () => {
    const connections = (): number => readdirSync(`/proc/${server.pid}/fd`).length;
    const before = connections();
    for (let asked = 0; asked < 10; asked += 1) await say(get('/docs/swagger-ui-bundle.js').repeat(4));
    await eventually(() => expect(connections()).toBeGreaterThanOrEqual(before + 10));
    await eventually(() => expect(connections()).toBeLessThan(before + 5), 100_000);
  });

  it('are let go when it stops: without a request, in the middle of one, and without reading', async () => {
    await say('');
    await say('GET /healthz HTTP/1.1\r\nHost: usher.test\r\n');
    await say('POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: usher.test\r\nContent-Length: 1000\r\n\r\n{');
    await say(get('/healthz'));
    await say(get('/docs/swagger-ui-bundle.js').repeat(8));
    expect(await server.stop()).toBe(0);
  });
});
