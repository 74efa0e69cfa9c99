import { Logger } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';
import { testLog } from './support/test-log.js';

describe('the log of a server', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;
  let linkToken: string;

  const linesWith = (fields: object): Record<string, unknown>[] =>
    testLog.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>) // as: every line is a JSON object
      .filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
  const invite = (email = newAddress()) =>
    app.api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: owner });

  beforeAll(async () => {
    app = await startApp({}, { replay: false });
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
    const email = newAddress();
    await invite(email);
    linkToken = await app.inbox.token(email);
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  it('names the request in every line that was written for it', async () => {
    const as = await buildMember(app, owner, acme);
    const asked = { as, headers: { 'X-Request-Id': 'asked-here' } };
    jest.spyOn(app.nest.get(Audit), 'record').mockRejectedValue(new Error('No space left'));
    expect((await app.api.patch(`/organisations/${acme.id}`, { name: 'Other' }, asked)).status).toBe(403);
    const asOwner = { ...asked, as: owner };
    expect((await app.api.patch(`/organisations/${acme.id}`, { name: 'Other' }, asOwner)).status).toBe(500);
    const contexts = linesWith({ requestId: 'asked-here' }).map(({ context, msg }) => context ?? msg);
    expect(contexts).toEqual(['RefusedAttempts', 'request', 'ProblemFilter', 'request']);
  });

  it('takes a mail that fails for nobody’s request, and names the mail', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    await invite();
    await eventually(() => expect(linesWith({ context: 'MailTransport' })).not.toEqual([]));
    app.inbox.refuseWith = null;
    const [line] = linesWith({ context: 'MailTransport' });
    expect(line).not.toHaveProperty('requestId');
    expect(line.msg).toMatch(/^<[0-9a-f-]{36}@/);
  });

  describe('stays free of secrets that callers put where they do not belong', () => {
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const before = testLog.lines.length;
      await app.root.get(path, { headers });
      await eventually(() => expect(testLog.lines.length).toBeGreaterThan(before));
      return testLog.expectNoSecret();
    };

    it.each(['bearer', 'BEARER ', 'Token', 'Basic', 'Bearer  Bearer', ''])('in an Authorization of %s', (scheme) =>
      get('/api/v1/me', { Authorization: `${scheme} ${owner.token}` }),
    );
    it('in an Authorization with a link, or a password in base64', async () => {
      await get('/api/v1/me', { Authorization: `Bearer ${linkToken}` });
      await get('/api/v1/me', { Authorization: `Basic ${Buffer.from(`kim:${PASSWORD}`).toString('base64')}` });
    });
    it('in a query', async () => {
      for (const path of ['/join', '/api/v1/me', '/api/v1/invitations/lookup', '/nowhere', '/healthz']) {
        for (const token of [linkToken, owner.token]) await get(`${path}?token=${token}&access_token=${token}`);
      }
    });
    it('in a path', async () => {
      for (const path of ['', '/api/v1/invitations', '/api/v1/organisations', '/pages', '/mailbox']) {
        for (const token of [linkToken, owner.token]) await get(`${path}/${token}`);
      }
    });
    it.each(['User-Agent', 'Referer', 'Cookie', 'Idempotency-Key', 'X-Forwarded-For', 'traceparent', 'X-Api-Key'])(
      'in %s',
      async (name) => {
        await get('/api/v1/me', { [name]: owner.token });
        await get('/nowhere', { [name]: `token=${linkToken}` });
      },
    );
    it('in X-Request-Id, where another one takes its place', async () => {
      const { headers } = await app.root.get('/healthz', { headers: { 'X-Request-Id': owner.token } });
      expect(headers.get('x-request-id')).not.toContain('uss_');
    });
    it('in a body that cannot be read', async () => {
      for (const body of [`{"password": "${PASSWORD}"`, `{"token": "${linkToken}", "__proto__": {}}`]) {
        expect((await app.api.post('/auth/sign-in', body)).status).toBe(400);
      }
      testLog.expectNoSecret();
    });
  });
});

/** Every suite ends so; here something leaks on purpose. */
describe('a suite fails', () => {
  const LEAKS = [
    ['as it is', (secret: string) => secret],
    ['in an address', encodeURIComponent],
    ['in base64', (secret: string) => Buffer.from(`kim:${secret}:`).toString('base64')],
  ] as const;

  it.each(LEAKS)('when a password is in the log %s, and does not repeat it', async (_how, write) => {
    const password = 'a "password" of nobody else';
    testLog.remember({ password });
    testLog.write(JSON.stringify({ level: 'warn', msg: `refused ${write(password)}` }));
    expect(() => testLog.expectNoSecret()).toThrow(/"msg":"refused .*«secret»/);
  });

  it('at its end', async () => {
    const app = await startApp({}, { replay: false });
    await signInAdmin(app);
    new Logger('Leak').warn('somebody signed in with first-admin-password');
    const failure = await app.stop().catch((error: unknown) => String(error));
    expect(failure).toContain('"context":"Leak","msg":"somebody signed in with «secret»"');
    expect(failure).not.toContain('first-admin-password');
  });
});
