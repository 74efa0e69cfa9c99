import { readFileSync } from 'node:fs';
import { startApp, type TestApp } from './support/app.js';
import { buildOrganisation, buildProject, newAddress, type Person, signInAdmin } from './support/factories.js';

const KIBIBYTE = 1_024;
const LARGEST = 16 * KIBIBYTE;
const ROUNDS = 7;
const MILLISECONDS = 1_000;

interface Operation {
  security?: unknown[];
  requestBody?: unknown;
}

const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path: path.replaceAll(/\{\w+\}/g, '6f1c7a52-3a1e-4d0b-9a55-0f7a3c1d2e4b'),
    method: method.toUpperCase(),
    operation,
  })),
);
const withBody = all.filter(({ operation }) => operation.requestBody);
const isReport = ({ path }: { path: string }): boolean => path.endsWith('/mail-events');
const isOpen = ({ operation: { security = [] } }: { operation: Operation }): boolean =>
  security.length === 0 || security.some((way) => Object.keys(way as object).length === 0);

const filled = (open: string, unit: string, close: string, bytes: number): string =>
  open + unit.repeat(Math.floor((bytes - open.length - close.length) / unit.length)) + close;

/** What costs most for each byte. */
const nasty = (bytes: number): Record<string, string> => ({
  'a list of numbers': filled('{"email":[', '1,', '1]}', bytes),
  'a list of lists': filled('{"email":[', '[],', '1]}', bytes),
  'a list of objects': filled('{"email":[', '{},', '1]}', bytes),
  nesting: '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
  'nested objects': `${'{"a":'.repeat(Math.floor(bytes / 6) - 1)}1${'}'.repeat(Math.floor(bytes / 6) - 1)}`,
  'many fields': `{${Array.from({ length: Math.floor(bytes / 12) }, (_, n) => `"f${n}":1`).join(',')}}`,
  'a long address': filled('{"email":"', 'A', '@example.com"}', bytes),
  'a long password': filled('{"email":"a@b.example","token":"x","password":"', 'aB1', '"}', bytes),
  'reserved names': filled('{"email":[', '{"__proto__":1},', '1]}', bytes),
  escapes: filled('{"email":"', '\\u0041', '"}', bytes),
  spaces: filled('{"token":"', ' ', '"}', bytes),
});

describe('what a stranger sends', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ MAIL_EVENTS_SECRET: 'a-secret-of-the-mail-service-0123456789' }, { replay: false });
  });
  afterAll(() => app.stop());

  const send = async (method: string, path: string, body: string): Promise<number> => {
    const headers = { 'Content-Type': 'application/json', 'X-Usher-Signature': `t=1,v1=${'0'.repeat(64)}` };
    const response = await fetch(`${app.root.baseUrl}${path}`, { method, headers, body });
    await response.arrayBuffer();
    return response.status;
  };

  /** The median of several, of the whole process: both ends of the connection. */
  async function costOf(method: string, path: string, body: string): Promise<number> {
    const costs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = process.cpuUsage();
      await send(method, path, body);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / MILLISECONDS);
    }
    return costs.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
  }

  const expectCheap = async (method: string, path: string, bytes: number): Promise<void> => {
    for (const [name, body] of Object.entries(nasty(bytes))) {
      const milliseconds = await costOf(method, path, body);
      expect({ name, isCheap: milliseconds <= 20, milliseconds }).toMatchObject({ isCheap: true });
    }
  };

  it.each(withBody.filter((route) => isOpen(route)))('costs at most 20 ms: $method $path', ({ method, path }) =>
    expectCheap(method, path, LARGEST),
  );

  it('costs no more where a credential is asked for, nor where there is nothing', async () => {
    await expectCheap('POST', '/api/v1/organisations/6f1c7a52-3a1e-4d0b-9a55-0f7a3c1d2e4b/invitations', LARGEST);
    await expectCheap('POST', '/api/v1/nothing', LARGEST);
  });

  it.each(withBody.filter((route) => isOpen(route) && !isReport(route)))(
    'is at most 16 KiB: $method $path',
    async ({ method, path }) => {
      const answer = await app.root.send(method, path, ' '.repeat(LARGEST + 1));
      expect(answer).toMatchObject({
        status: 413,
        body: { code: 'body_too_large', detail: 'The body is larger than 16 KiB. Send less at once.' },
      });
    },
  );

  it.each(withBody.filter((route) => !isOpen(route)))(
    'is not read where a credential is asked for: $method $path',
    async ({ method, path }) => {
      const asked = jest.spyOn(JSON, 'parse');
      const body = filled('{"email":"', 'x', '"}', LARGEST + KIBIBYTE);
      const status = await send(method, path, body);
      const read = asked.mock.calls.filter(([text]) => String(text).length > LARGEST);
      asked.mockRestore();
      expect({ status, read: read.length }).toEqual({ status: 401, read: 0 });
    },
  );
});

describe('what is kept', () => {
  let app: TestApp;
  let admin: Person;
  let organisation: string;
  let project: string;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
    const acme = await buildOrganisation(app, admin);
    organisation = acme.id;
    project = (await buildProject(app, admin, acme)).id;
  });
  afterAll(() => app.stop());

  const invite = (metadata: string) => {
    const body = `{"email":"${newAddress()}","role":"MEMBER","metadata":${metadata}}`;
    return app.api.post(`/organisations/${organisation}/invitations`, body, { as: admin });
  };

  it.each(['1e308', '1e21', '12345678901234567890', '1e400', '-1e400', '1e-7', '5e-324', '9007199254740992'])(
    'is no number that would come back as another: %s',
    async (number) => {
      const refusals = [
        await invite(`{"a":[{"b":${number}}]}`),
        await app.api.patch(`/projects/${project}`, `{"metadata":{"a":${number}}}`, { as: admin }),
        await app.api.post(`/organisations/${organisation}/projects`, `{"name":"A","metadata":{"a":${number}}}`, {
          as: admin,
        }),
      ];
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/metadata' }] } });
        expect(refusal.body.errors[0].detail).toContain('send others as text');
      }
      const bulk = await app.api.post(
        `/organisations/${organisation}/invitations/bulk`,
        `{"invitations":[{"email":"${newAddress()}","role":"MEMBER","metadata":{"a":${number}}}]}`,
        { as: admin },
      );
      expect(bulk.body.results[0]).toMatchObject({ outcome: 'failed', problem: { status: 400 } });
    },
  );

  it('comes back as it was sent', async () => {
    const numbers = [0, -1, 1.5, 0.000001, 123456.789, 9007199254740991, -9007199254740991, 0.1];
    const { status, body } = await invite(JSON.stringify({ numbers }));
    expect({ status, numbers: body.metadata?.numbers }).toEqual({ status: 201, numbers });
  });

  it.each<[string, string]>([
    ['one digit', '1'],
    ['the smallest', '0.000001'],
    ['the largest', '9007199254740991'],
    ['empty lists', '[]'],
    ['empty objects', '{}'],
    ['text', '"a"'],
    ['escapes', '"\\u0001"'],
  ])('is answered with at most three times as many bytes: %s', async (_name, value) => {
    const metadata = filled('{"a":[', `${value},`, `${value}]}`, 7 * KIBIBYTE);
    const { status, body } = await invite(metadata);
    expect(status).toBe(201);
    const [{ printed }] = await app.dataSource.query(
      `SELECT octet_length(metadata::text) AS printed FROM invitations WHERE id = $1`,
      [body.id],
    );
    expect(printed / Buffer.byteLength(metadata)).toBeLessThanOrEqual(3);
  });

  it.each(['2027-02-30T00:00:00Z', '2099-01-01T24:00:00Z', '2099-01-01T00:00:00', '2099-01-01', '2099-01-01T00:00Z'])(
    'is no moment that is none (RFC 3339): %s',
    (expiresAt) => expectNoMoment(expiresAt),
  );

  it.each<[unknown]>([[{ toString: 1 }], [null], [4102444800000], [['2099-01-01T00:00:00Z']], [true]])(
    'is no moment that is none (RFC 3339): %j',
    (expiresAt) => expectNoMoment(expiresAt),
  );

  async function expectNoMoment(expiresAt: unknown): Promise<void> {
    for (const path of ['/me/api-keys', '/platform/api-keys', `/organisations/${organisation}/api-keys`]) {
      const key = { name: 'deploy', role: 'MEMBER', platformRole: 'MEMBER', expiresAt };
      const { status, body } = await app.api.post(path, key, { as: admin });
      expect({ path, status }).toEqual({ path, status: 400 });
      expect(body.errors).toContainEqual(expect.objectContaining({ pointer: '#/expiresAt' }));
    }
  }

  it('is a moment with any offset', async () => {
    const key = { name: 'deploy', expiresAt: '2099-01-01T02:00:00.5+02:00' };
    const { status, body } = await app.api.post('/me/api-keys', key, { as: admin });
    expect({ status, expiresAt: body.expiresAt }).toEqual({ status: 201, expiresAt: '2099-01-01T00:00:00.500Z' });
  });

  describe('of a body', () => {
    const sent = async (type: string, body: Buffer) => {
      const response = await fetch(`${app.api.baseUrl}/organisations/${organisation}/invitations/bulk`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${admin.token}`, 'Content-Type': type },
        body: new Uint8Array(body),
      });
      return { status: response.status, body: await response.json() };
    };
    const json = `{"invitations":[{"email":"a@b.example","role":"MEMBER","message":"\u00FCber"}]}`;
    const csv = 'email,role,message\na@b.example,MEMBER,\u00FCber';

    it.each([
      ['application/json', json],
      ['text/csv', csv],
    ])('is no %s that is not UTF-8', async (type, text) => {
      const answer = await sent(type, Buffer.from(text, 'latin1'));
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).toContain('UTF-8');
    });

    it('is no password that is not UTF-8', async () => {
      const response = await fetch(`${app.api.baseUrl}/auth/sign-in`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: new Uint8Array(Buffer.from('{"email":"a@b.example","password":"\u00FCber-and-over"}', 'latin1')),
      });
      expect(response.status).toBe(400);
    });

    it.each([
      ['application/json; charset=iso-8859-1', json],
      ['text/csv;charset="windows-1252"', csv],
      ['application/json; charset=utf-16', json],
    ])('is no %s', async (type, text) => {
      const answer = await sent(type, Buffer.from(text));
      expect(answer).toMatchObject({ status: 415, body: { detail: expect.stringContaining('in UTF-8') } });
    });

    it.each(['application/json; charset=utf-8', 'application/json; charset="UTF-8"', 'application/json;charset=utf8'])(
      'is %s',
      async (type) => expect((await sent(type, Buffer.from(json))).status).toBe(200),
    );
  });
});
