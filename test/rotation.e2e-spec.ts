import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, startInstance, type TestApp } from './support/app.js';
import { onServer } from './support/database.js';
import { eventually } from './support/eventually.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';
import { clearThrottles } from './support/throttles.js';

const NEXT = 'the-secret-that-takes-its-place-9876543210-abcdef';
const IDEMPOTENT = { 'Idempotency-Key': 'before-the-rotation' };

/** One server after the other on the same data: before, with the old secret still read, and without it. */
describe('a new APP_SECRET', () => {
  let app: TestApp;
  let folder: string;
  let owner: Person;
  let acme: Organisation;
  let server: Awaited<ReturnType<typeof startInstance>>;
  let old: string;
  const email = newAddress();
  const invitation = { email, role: 'MEMBER' };

  const invite = () =>
    server.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner, headers: IDEMPOTENT });
  const page = (cursor = '') =>
    server.api.get(`/organisations/${acme.id}/audit-events?limit=1${cursor && `&cursor=${cursor}`}`, { as: owner });
  const mailbox = () => server.root.get('/mailbox', { headers: { Accept: 'application/json' } });

  /** Stops the present server and starts another. */
  async function restart(environment: Record<string, string>): Promise<void> {
    await server.nest.close();
    server = await startInstance({ ...app.environment, ...environment });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'usher-rotation-'));
    app = await startApp(onServer() ? {} : { DATA_DIR: folder, EMBEDDED_TEMPLATE: '' }, { replay: false });
    server = app;
    old = app.environment.APP_SECRET;
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(async () => {
    await server.nest.close();
    await app.inbox.close();
    await app.database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loses nothing while the old one is given as APP_SECRET_PREVIOUS', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const created = await invite();
    const delivery = async () => (await server.api.get(`/invitations/${created.body.id}`, { as: owner })).body.delivery;
    await eventually(async () => expect(await delivery()).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    const { nextCursor } = (await page()).body;
    await server.dataSource.query('UPDATE mail_messages SET next_attempt_at = now()');
    app.inbox.refuseWith = null;

    await restart({ APP_SECRET: NEXT, APP_SECRET_PREVIOUS: old });
    const token = await app.inbox.token(email);
    expect((await server.api.post('/invitations/lookup', { token })).status).toBe(200);
    const repeated = await invite();
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
    expect(repeated.body).toEqual(created.body);
    expect((await page(nextCursor)).status).toBe(200);
  });

  it('without it refuses what cannot be read any more, and does nothing twice', async () => {
    const { nextCursor } = (await page()).body;
    await restart({ APP_SECRET: `${old}-third` });
    expect((await invite()).body).toMatchObject({ status: 409, code: 'idempotency_answer_unreadable' });
    expect((await page(nextCursor)).status).toBe(400);
    expect(app.inbox.to(email)).toHaveLength(1);
  });

  it('empties the mailbox page of what it cannot open, and shows the rest', async () => {
    await restart({ APP_SECRET: old, SMTP_URL: '', PUBLIC_URL: '' });
    const again = () => server.api.post('/auth/password-resets', { email: owner.email });
    await again();
    await eventually(async () => expect((await mailbox()).body.data).toHaveLength(1));
    await restart({ APP_SECRET: NEXT, SMTP_URL: '', PUBLIC_URL: '' });
    expect(await mailbox()).toMatchObject({ status: 200, body: { data: [] } });
    await clearThrottles(server);
    await again();
    await eventually(async () => expect((await mailbox()).body.data).toHaveLength(1));
  });
});
