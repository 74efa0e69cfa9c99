import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { onServer } from './support/database.js';
import { type Person, signInAdmin } from './support/factories.js';

const CONNECTIONS = 2;

/** The embedded database has one connection, which never waits to be made. */
(onServer() ? describe : describe.skip)('a database without a free connection', () => {
  let app: TestApp;
  let admin: Person;

  beforeAll(async () => {
    app = await startApp({ DATABASE_POOL_SIZE: String(CONNECTIONS) }, { replay: false }); // there is nothing to be replayed
    admin = await signInAdmin(app);
  });
  afterAll(() => app.stop());

  const unavailable = { status: 503, body: { code: 'database_unavailable' } };
  const ask = (): Promise<Answer> => app.api.get('/me', { as: admin });

  it('makes requests that find no free connection try again later', async () => {
    const taken = Array.from({ length: CONNECTIONS }, () => app.dataSource.createQueryRunner());
    for (const connection of taken) await connection.connect();
    const answer = await ask();
    expect(answer).toMatchObject(unavailable);
    expect(answer.headers.get('retry-after')).toBe('5');
    for (const connection of taken) await connection.release();
    expect((await ask()).status).toBe(200);
  });
});
