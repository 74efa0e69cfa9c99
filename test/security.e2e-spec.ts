import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN, startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { createDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { buildOrganisation, buildUser, newAddress, PASSWORD, type Person, signInAdmin } from './support/factories.js';
import { Inbox } from './support/inbox.js';
import { freePort, ServerProcess } from './support/server-process.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://usher.test',
  APP_SECRET: 'Zk3v9Qx7Lm2Rt8Wc5Yb1Nf6Hd4Gs0Jp-production',
  DATA_DIR: 'memory://',
};

describe('the server', () => {
  let app: TestApp;
  let admin: Person;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
  });
  afterAll(() => app.stop());

  it('refuses a request whose length is said in two ways', async () => {
    const head = 'POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: usher.test\r\nContent-Type: application/json\r\n';
    for (const lengths of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'Content-Length: 4\r\nContent-Length: 2\r\n\r\n{}  ',
      'Transfer-Encoding: identity, chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n',
    ]) {
      const answers = await sendRaw(app, `${head}${lengths}GET /healthz HTTP/1.1\r\nHost: usher.test\r\n\r\n`);
      expect(answers).toMatch(/^HTTP\/1\.1 400 /);
      expect(answers.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    }
  });

  it('does not know TRACE, and sends nobody their own headers back', async () => {
    const answer = await sendRaw(
      app,
      'TRACE /healthz HTTP/1.1\r\nHost: usher.test\r\nX-Secret: hunter2\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toContain('hunter2');
  });

  it('lets nobody in when it cannot read who may, and says nothing of the reason', async () => {
    const { id } = await buildOrganisation(app, admin);
    await app.dataSource.query('ALTER TABLE project_memberships RENAME TO lost');
    try {
      for (const path of [`/organisations/${id}`, '/me', '/users']) {
        const { status, body } = await app.api.get(path, { as: admin });
        expect({ status, ...body }).toEqual({
          type: 'about:blank',
          title: 'Internal Server Error',
          status: 500,
          code: 'internal_error',
          detail: 'Something went wrong here. Try again; if it persists, report the requestId.',
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        });
      }
    } finally {
      await app.dataSource.query('ALTER TABLE lost RENAME TO project_memberships');
    }
    expect((await app.api.get(`/organisations/${id}`, { as: admin })).status).toBe(200);
  });

  it('protects what it answers where no route is reached', async () => {
    for (const request of ['GET /%zz HTTP/1.1\r\nHost: usher.test\r\nConnection: close\r\n\r\n', 'NONSENSE\r\n\r\n']) {
      const answer = await sendRaw(app, request);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
      expect(answer.toLowerCase()).toContain("content-security-policy: default-src 'none'");
    }
  });

  it('refuses what is nested without end, also with an Idempotency-Key', async () => {
    const deep = `{"name": ${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'deep' };
    const refused = await app.api.post('/organisations', deep, { as: admin, headers });
    expect(refused).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  it('sends nobody on to where the platform no longer trusts', async () => {
    const { id } = await buildOrganisation(app, admin);
    const trust = (redirectOrigins: string[]) => app.api.patch('/platform', { redirectOrigins }, { as: admin });
    await trust(['https://app.example.com']);
    const redirectUrl = 'https://app.example.com/welcome';
    const accept = async (email: string) => {
      const invitation = { email, role: 'MEMBER', redirectUrl };
      await app.api.post(`/organisations/${id}/invitations`, invitation, { as: admin });
      const token = await app.inbox.token(email);
      return () => app.api.post('/invitations/accept', { token, password: PASSWORD });
    };
    const [early, late] = [await accept(newAddress()), await accept(newAddress())];
    expect((await early()).body.redirectUrl).toBe(redirectUrl);
    await trust([]);
    expect(await late()).toMatchObject({ status: 200, body: { redirectUrl: null } });
  });

  it('asks for passwords in fields that hide them and that password managers fill', async () => {
    for (const page of ['/join', '/reset']) {
      const fields = ((await app.root.get(page)).body as string).match(/<input[^>]*name="password"[^>]*>/g) ?? [];
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) {
        expect(field).toContain('type="password"');
        expect(field).toMatch(/autocomplete="(new|current)-password"/);
        expect(field).not.toMatch(/maxlength|onpaste|readonly/);
      }
    }
  });

  it('promises no https where PUBLIC_URL is http', async () => {
    expect((await app.api.get('/me')).headers.get('strict-transport-security')).toBeNull();
  });
});

it('the mailbox is not read under a name that was made to lead here', async () => {
  const app = await startApp({ SMTP_URL: '' });
  const { port } = new URL(app.root.baseUrl);
  const ask = (host: string) => sendRaw(app, `GET /mailbox HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]', 'usher.test'])
    expect(await ask(host)).toMatch(/^HTTP\/1\.1 200 /);
  for (const host of ['rebound.example', 'localhost.example', 'usher.test.example'])
    expect(await ask(host)).toMatch(/^HTTP\/1\.1 403 /);
  await app.stop();
});

it('the embedded database and the secret that Usher makes are for its own account alone', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'usher-modes-'));
  const folder = join(parent, 'data');
  const server = new ServerProcess({ PORT: await freePort(), DATA_DIR: folder });
  await server.untilUp();
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  expect([modeOf(folder), modeOf(join(folder, 'app-secret'))]).toEqual(['700', '600']);
  expect(readFileSync(join(folder, 'app-secret'), 'utf8')).toMatch(/^[\w+/]{64}$/);
  await server.kill();
  rmSync(parent, { recursive: true, force: true });
});

describe('in production', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ ...PRODUCTION, SMTP_URL: '' });
  });
  afterAll(() => app.stop());

  it('browsers are told to come by https alone for a year, to every host below as well', async () => {
    for (const answer of [await app.root.get('/join'), await app.api.get('/me'), await app.root.get('/healthz')])
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
  });

  it('there is no mailbox, even without a mail server', async () => {
    for (const path of ['/mailbox', '/mailbox/019a0000-0000-7000-8000-000000000000'])
      expect(await app.root.get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('a first start without an admin named is refused, and none is made up', async () => {
    const database = await createDatabase();
    const server = new ServerProcess({ ...PRODUCTION, ...database.environment, PORT: await freePort() });
    await expect(server.untilUp()).rejects.toThrow('set ADMIN_EMAIL and ADMIN_PASSWORD for the first start');
    expect(await server.ended).toBe(1);
    await database.drop();
  });

  it('no mail leaves unencrypted, unless SMTP_URL says so', async () => {
    // The inbox offers no TLS. Mail to 127.0.0.1 stays on this machine, so it is called by another address.
    const inbox = await new Inbox().open();
    const url = inbox.url.replace('127.0.0.1', '0.0.0.0');
    const strict = await startApp({ ...PRODUCTION, SMTP_URL: url });
    const [id, email] = await inviteSomebody(strict);
    await eventually(async () => {
      const { body } = await strict.api.get(`/invitations/${id}`, { as: await signInAdmin(strict) });
      expect(body.delivery).toMatchObject({ status: 'QUEUED' });
      expect(body.delivery.lastError).toContain('no encrypted connection can be made');
    });
    expect(inbox.to(email)).toEqual([]);
    await strict.stop();

    const told = await startApp({ ...PRODUCTION, SMTP_URL: `${url}?ignoreTLS=true` });
    const [, other] = await inviteSomebody(told);
    await inbox.newest(other);
    await told.stop();
    await inbox.close();
  });

  async function inviteSomebody(sender: TestApp): Promise<[string, string]> {
    const admin = await signInAdmin(sender);
    const { id } = await buildOrganisation(sender, admin);
    const email = newAddress();
    const path = `/organisations/${id}/invitations`;
    const { body } = await sender.api.post(path, { email, role: 'MEMBER' }, { as: admin });
    return [body.id, email];
  }
});

describe('behind a proxy that is trusted', () => {
  let app: TestApp;
  const attempt = (email: string, from: string): Promise<Answer> =>
    app.api.post('/auth/sign-in', { email, password: 'wrong' }, { headers: { 'X-Forwarded-For': from } });

  beforeAll(async () => {
    app = await startApp({ TRUST_PROXY: '127.0.0.1', PASSWORD_CONCURRENCY: '1', MAX_REQUESTS_UNDER_WAY: '400' });
  });
  afterAll(() => app.stop());

  it('clients are told apart by what the proxy says, not by what they say themselves', async () => {
    const email = newAddress();
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await attempt(email, `198.51.100.${i}, 203.0.113.7`)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await attempt(email, '203.0.113.8')).status).toBe(401);
    const written: { ip: string }[] = await app.dataSource.query(
      `SELECT DISTINCT ip FROM audit_events WHERE action = 'sign_in.refused' ORDER BY 1`,
    );
    expect(written.map(({ ip }) => ip)).toEqual(['203.0.113.7', '203.0.113.8']);
  });

  it('a client that tries many addresses is stopped after sixty failures', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 61; i += 1) statuses.push((await attempt(newAddress(), '203.0.113.20')).status);
    expect(statuses).toEqual([...Array<number>(60).fill(401), 429]);
    expect((await attempt(newAddress(), '203.0.113.21')).status).toBe(401);
  });

  it('an address that many clients guess at is closed after a hundred failures, until a mailed reset', async () => {
    const person = await buildUser(app, await signInAdmin(app));
    const home = { headers: { 'X-Forwarded-For': '203.0.113.99' } };
    const signIn = (password: string) => app.api.post('/auth/sign-in', { email: person.email, password }, home);
    for (let i = 0; i < 10; i += 1) expect((await signIn('my old password?')).status).toBe(401);
    for (let i = 0; i < 90; i += 1)
      expect((await attempt(person.email, `203.0.113.${30 + Math.floor(i / 10)}`)).status).toBe(401);
    expect((await signIn(PASSWORD)).status).toBe(429);
    expect((await app.api.get('/me', { as: person })).status).toBe(200);
    const mails = app.inbox.to(person.email).length;
    await app.api.post('/auth/password-resets', { email: person.email });
    const token = await app.inbox.token(person.email, mails + 1);
    const password = 'another horse battery';
    expect((await app.api.post('/auth/password-resets/confirm', { token, password }, home)).status).toBe(204);
    expect((await signIn(password)).status).toBe(200);
  });

  it('too many who sign in at the same instant are told to come back, and nobody waits without end', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) => attempt(newAddress(), `10.0.${i % 250}.${Math.floor(i / 250)}`)),
    );
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    for (const { body, headers } of busy) {
      expect(body.code).toBe('busy');
      expect(headers.get('retry-after')).toBe('2');
    }
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(answers.length - busy.length);
    const { status } = await app.api.post('/auth/sign-in', { email: ADMIN.email, password: ADMIN.password });
    expect(status).toBe(200);
  });
});

/** What `fetch` would not send; answers all that comes back until the server closes, or says no more. */
function sendRaw(app: TestApp, text: string): Promise<string> {
  const { port } = new URL(app.root.baseUrl);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').setTimeout(5_000, () => socket.destroy());
    socket.on('data', (part: string) => (answer += part));
    socket.on('error', reject).on('close', () => resolve(answer));
  });
}
