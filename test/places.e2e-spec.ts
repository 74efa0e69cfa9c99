import { connect } from 'node:net';
import { ADMIN, startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { eventually } from './support/eventually.js';
import { type Person, signInAdmin } from './support/factories.js';
import { describeOnServer } from './support/races.js';

const MOST = 16;
const MOST_OF_CLIENT = MOST / 2;

describeOnServer('the places for requests under way', () => {
  let app: TestApp;
  let admin: Person;
  let letGo: () => Promise<void>;

  beforeAll(async () => {
    const settings = {
      MAX_REQUESTS_UNDER_WAY: String(MOST),
      DATABASE_POOL_SIZE: String(MOST + 4),
      DATABASE_TIMEOUT_SECONDS: '60',
      TRUST_PROXY: '127.0.0.1',
    };
    app = await startApp(settings, { replay: false }); // nothing is changed here
    admin = await signInAdmin(app);
  });
  beforeEach(async () => {
    const holder = app.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('LOCK TABLE organisations');
    letGo = async () => {
      if (holder.isTransactionActive) await holder.commitTransaction();
      await holder.release();
    };
  });
  afterEach(() => letGo());
  afterAll(() => app.stop());

  /** Waits for the lock. */
  const list = (address: string): Promise<Answer> =>
    app.api.get('/organisations', { as: admin, headers: { 'X-Forwarded-For': address } });
  /** Does not wait for it. */
  const signIn = (address: string): Promise<Answer> =>
    app.api.post('/auth/sign-in', ADMIN, { headers: { 'X-Forwarded-For': address } });
  const countOf = (answers: Answer[], status: number) => answers.filter((answer) => answer.status === status).length;

  it.each([
    ['an address', () => '203.0.113.7'],
    ['a network of IPv6', (index: number) => `2001:db8:0:7::${index}`],
  ])('are not all taken by one client: %s', async (_what, address) => {
    const all = Array.from({ length: 5 * MOST }, (_, index) => list(address(index)));
    const refused = await Promise.any(all);
    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    expect(refused.body.detail).toContain('from your address');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await signIn('203.0.113.8')).status).toBe(200);
    await letGo();
    const answers = await Promise.all(all);
    expect([countOf(answers, 200), countOf(answers, 503)]).toEqual([MOST_OF_CLIENT, 5 * MOST - MOST_OF_CLIENT]);
    expect((await list(address(0))).status).toBe(200);
  });

  it('are kept by requests whose client has gone away, until the work is done', async () => {
    const head = `Host: usher.test\r\nAuthorization: Bearer ${admin.token}\r\nX-Forwarded-For: 203.0.113.7`;
    const sockets = Array.from({ length: MOST_OF_CLIENT }, () =>
      connect(Number(new URL(app.api.baseUrl).port), '127.0.0.1'),
    );
    sockets.forEach((socket) => socket.write(`GET /api/v1/organisations HTTP/1.1\r\n${head}\r\n\r\n`));
    await eventually(async () => {
      const [{ waiting }]: { waiting: number }[] = await app.dataSource.query(
        'SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted',
      );
      expect(waiting).toBeGreaterThanOrEqual(MOST_OF_CLIENT);
    });
    sockets.forEach((socket) => socket.resetAndDestroy());
    expect((await signIn('203.0.113.7')).status).toBe(503);
    await letGo();
    await eventually(async () => expect((await signIn('203.0.113.7')).status).toBe(200));
  });
});
