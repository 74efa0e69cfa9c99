import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  newAddress,
  type Person,
  signInAdmin,
} from './support/factories.js';

const SOMEBODY = '6f1c7a52-3a1e-4d0b-9a55-0f7a3c1d2e4b';
const DEEP = 100_000;
const deep = (open: string, close: string): string => `${open.repeat(DEEP)}1${close.repeat(DEEP)}`;

describe('bad input', () => {
  let app: TestApp;
  let admin: Person;
  /** What `{name}` stands for in the paths and bodies below. */
  let ids: Record<string, string>;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
    const acme = await buildOrganisation(app, admin);
    const project = await buildProject(app, admin, acme);
    const member = await buildMember(app, admin, acme);
    const invitation = await app.api.post(
      `/organisations/${acme.id}/invitations`,
      { email: newAddress(), role: 'MEMBER' },
      { as: admin },
    );
    ids = { acme: acme.id, project: project.id, member: member.id, invitation: invitation.body.id };
  });
  afterAll(() => app.stop());

  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole);
  const filled = (body: unknown): unknown => (typeof body === 'object' ? JSON.parse(fill(JSON.stringify(body))) : body);
  const request = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.api.send(method, fill(path), filled(body), { as: admin, headers });

  const traces = (): Promise<unknown> =>
    app.dataSource.query(`
      SELECT (SELECT count(*) FROM invitations) AS invitations, (SELECT count(*) FROM mail_messages) AS mails,
        (SELECT count(*) FROM audit_events WHERE action <> 'access.refused') AS events, (SELECT count(*) FROM projects) AS projects`);

  /** Refused with this status, and nothing written or mailed. */
  async function refused(status: number, send: () => Promise<Answer>): Promise<Answer> {
    const before = await traces();
    const answer = await send();
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status, body: { status } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await traces()).toEqual(before);
    return answer;
  }

  async function refusedFor(pointer: string, send: () => Promise<Answer>): Promise<void> {
    const answer = await refused(400, send);
    expect(answer.body.code).toBe('validation_failed');
    expect(pointersOf(answer)).toContain(pointer);
  }

  describe('in an invitation', () => {
    const inviting = (fields: object) => () =>
      request('POST', '/organisations/{acme}/invitations', { email: newAddress(), role: 'MEMBER', ...fields });

    it.each<[string, unknown]>([
      ['a dotless i', 'k\u0131m@example.com'],
      ['a capital I with a dot', 'K\u0130M@example.com'],
      ['the Kelvin sign', '\u212Aim@example.com'],
      ['a Kelvin sign in the domain', 'kim@\u212Aiosk.example'],
      ['a long s', 'mi\u017Fs@example.com'],
      ['full-width letters', '\uFF4B\uFF49\uFF4D@example.com'],
      ['a full-width at sign', 'kim\uFF20example.com'],
      ['a zero-width space', 'kim\u200B@example.com'],
      ['a domain of full-width letters', 'kim@\uFF45xample.com'],
      ['two addresses', 'a@x.co, b@y.co'],
      ['two addresses and a semicolon', 'a@x.co;b@y.co'],
      ['an address in an address', '"V <e@x.co>" <v@x.co>'],
      ['a quoted address', '"v@x.co"@y.co'],
      ['a name in front', 'Kim <kim@example.com>'],
      ['a line break', 'kim@example.com\r\nBcc: eve@example.com'],
      ['NUL', 'kim\0@example.com'],
      ['no at sign', 'kim.example.com'],
      ['no domain', 'kim@'],
      ['255 characters', `kim@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`],
      ['nothing', ''],
      ['an array', ['kim@example.com']],
      ['an object', { address: 'kim@example.com' }],
      ['a number', 5],
      ['null', null],
    ])('refuses an address with or of %s', (_what, email) => refusedFor('#/email', inviting({ email })));

    it.each<[string, unknown]>([
      ['a web address', 'Kim https://evil.example/login'],
      ['a web address without a scheme', 'Kim WWW.evil.example'],
      ['a zero-width space', 'Ki\u200Bm'],
      ['a mark that turns text around', 'Kim \u202Egnp.exe'],
      ['NUL', 'Ki\0m'],
      ['half a surrogate pair', 'Kim \uD83D'],
      ['501 characters', 'x'.repeat(501)],
      ['nothing but spaces', '   '],
      ['an array', ['Kim']],
      ['an object', { toString: 'Kim' }],
      ['a number', 7],
      ['null', null],
    ])('refuses names and a message with or of %s', async (_what, text) => {
      for (const field of ['givenName', 'familyName', 'message']) {
        await refusedFor(`#/${field}`, inviting({ [field]: text }));
      }
    });

    it.each(['Kim\r\nBcc: eve@example.com', 'Kim\nLee'])('refuses a name of two lines, %j', async (name) => {
      for (const field of ['givenName', 'familyName']) await refusedFor(`#/${field}`, inviting({ [field]: name }));
    });

    it.each(['id', 'status', 'organisationId', 'invitedBy', 'token', 'type', 'linkShown', 'constructor', 'then'])(
      'refuses the unknown field %s',
      (field) => refusedFor(`#/${field}`, inviting({ [field]: SOMEBODY })),
    );

    it.each([0, -1, 721, 1.5, '5', true, [5], null, 1e300])('refuses to expire in %j hours', (expiresInHours) =>
      refusedFor('#/expiresInHours', inviting({ expiresInHours })),
    );

    it.each([
      'https://elsewhere.example/',
      'https://usher.test.evil.example/',
      'https://app.example.com@evil.example/',
      'http://999.999.999.999/',
      'javascript:alert(1)',
      '//evil.example',
      '/relative',
      'https://evil.example\\@app.example.com',
      7,
      null,
    ])('refuses to redirect to %j', async (redirectUrl) => {
      await request('PATCH', '/platform', { redirectOrigins: ['https://app.example.com'] });
      await refusedFor('#/redirectUrl', inviting({ redirectUrl }));
    });

    it.each<[string, unknown]>([
      ['an array', []],
      ['a string', '{}'],
      ['a number', 1],
      ['null', null],
      ['more than 8 KiB', { text: 'x'.repeat(8_192) }],
      ['more than 8 KiB in UTF-8', { text: '\u20AC'.repeat(3_000) }],
    ])('refuses metadata that is %s', (_what, metadata) => refusedFor('#/metadata', inviting({ metadata })));

    it('names the place in metadata that holds what cannot be stored', async () => {
      await refusedFor('#/metadata/a/0/b', inviting({ metadata: { a: [{ b: 'NUL \0' }] } }));
      await refusedFor('#/metadata/a/b', inviting({ metadata: { a: { b: '\uDE00' } } }));
      await refusedFor('#/metadata/constructor', inviting({ metadata: { constructor: { name: 'Lego' } } }));
      const { body } = await refused(400, inviting({ metadata: { 'k\0y': 1 } }));
      expect(body.code).toBe('validation_failed');
    });

    it.each([
      ['objects', '{"a":', '}'],
      ['arrays', '[', ']'],
    ])('refuses %s that are nested without end', async (_what, open, close) => {
      const body = `{"email":"${newAddress()}","role":"MEMBER","metadata":{"a":${deep(open, close)}}}`;
      const { body: problem } = await refused(400, () => request('POST', '/organisations/{acme}/invitations', body));
      expect(problem.code).toBe('validation_failed');
    });

    it.each(['', 'english', 'e', 'en_US', '../../etc/passwd', 'en\0', 5, ['en'], null])(
      'refuses %j as locale',
      (locale) => refusedFor('#/locale', inviting({ locale })),
    );

    it.each<[string, unknown]>([
      ['missing', undefined],
      ['empty', ''],
      ['an array', ['MEMBER']],
      ['an object', { key: 'MEMBER' }],
      ['null', null],
      ['longer than any', 'M'.repeat(65)],
    ])('refuses a role that is %s', (_what, role) => refusedFor('#/role', inviting({ role })));

    it('refuses the same project twice, in capitals too', async () => {
      const twice = (projectId: string) => [
        { projectId: ids.project, role: 'VIEWER' },
        { projectId, role: 'EDITOR' },
      ];
      await refusedFor('#/projects', inviting({ projects: twice(ids.project) }));
      await refusedFor('#/projects', inviting({ projects: twice(ids.project.toUpperCase()) }));
    });

    it.each<[string, string, unknown]>([
      ['an object', '#/projects', { projectId: '{project}', role: 'VIEWER' }],
      ['null', '#/projects', null],
      ['a list of null', '#/projects', [null]],
      ['a list of ids', '#/projects', ['{project}']],
      ['a list of lists', '#/projects', [[]]],
      ['without a role', '#/projects/0/role', [{ projectId: '{project}' }]],
      ['not an id', '#/projects/0/projectId', [{ projectId: 'design', role: 'VIEWER' }]],
      [
        'with a field too many',
        '#/projects/0/organisationId',
        [{ projectId: '{project}', role: 'VIEWER', organisationId: '{acme}' }],
      ],
    ])('refuses projects that are %s', async (_what, pointer, projects) => {
      const [found] = pointersOf(await refused(400, inviting({ projects })));
      expect(found).toMatch(new RegExp(`^${pointer}`));
    });

    it.each(['false', 0, null, []])('refuses sendEmail %j', (sendEmail) =>
      refusedFor('#/sendEmail', inviting({ sendEmail })),
    );

    it('names everything that is wrong at once', async () => {
      const answer = await refused(400, inviting({ email: 'nobody', role: 5, locale: '-' }));
      expect(pointersOf(answer).sort()).toEqual(['#/email', '#/locale', '#/role']);
    });

    it('takes metadata as it comes when there is nothing wrong with it', async () => {
      const metadata = {
        list: [1, null, { deep: [true] }],
        '': 'empty',
        then: 'x',
        length: 3,
        text: 'K\u00F6ln \u{1F600}',
      };
      const { status, body } = await inviting({ metadata })();
      expect(status).toBe(201);
      expect(body.metadata).toEqual(metadata);
    });
  });

  describe('in a change', () => {
    it.each<[string, string, object, string]>([
      ['PATCH', '/me', { givenName: 'http://evil.example' }, '#/givenName'],
      ['PATCH', '/me', { email: 'other@example.com' }, '#/email'],
      ['PATCH', '/me', { platformRole: 'ADMIN' }, '#/platformRole'],
      ['PATCH', '/users/{member}', { status: null }, '#/status'],
      ['PATCH', '/users/{member}', { status: 'ERASED' }, '#/status'],
      ['PATCH', '/users/{member}', { platformRole: null }, '#/platformRole'],
      ['PATCH', '/users/{member}', { platformRole: ['ADMIN'] }, '#/platformRole'],
      ['PATCH', '/users/{member}', { emailVerified: true }, '#/emailVerified'],
      ['PATCH', '/platform', { name: null }, '#/name'],
      ['PATCH', '/platform', { organisationCreation: null }, '#/organisationCreation'],
      ['PATCH', '/platform', { redirectOrigins: null }, '#/redirectOrigins'],
      ['PATCH', '/platform', { redirectOrigins: ['https://app.example.com/path'] }, '#/redirectOrigins'],
      ['PATCH', '/platform', { redirectOrigins: ['*'] }, '#/redirectOrigins'],
      ['PATCH', '/platform', { invitationExpiryHours: null }, '#/invitationExpiryHours'],
      ['PATCH', '/platform', { invitationExpiryHours: 721 }, '#/invitationExpiryHours'],
      ['PATCH', '/platform', { defaultLocale: null }, '#/defaultLocale'],
      ['PATCH', '/platform', { limits: null }, '#/limits'],
      ['PATCH', '/platform', { limits: [] }, '#/limits'],
      ['PATCH', '/platform', { limits: 'none' }, '#/limits'],
      ['PATCH', '/platform', { limits: { resendCooldownSeconds: 0.5 } }, '#/limits/resendCooldownSeconds'],
      ['PATCH', '/platform', { limits: { speed: 1 } }, '#/limits/speed'],
      ['PATCH', '/organisations/{acme}', { name: null }, '#/name'],
      ['PATCH', '/organisations/{acme}', { name: 'Acme\0' }, '#/name'],
      ['PATCH', '/organisations/{acme}', { settings: null }, '#/settings'],
      ['PATCH', '/organisations/{acme}', { settings: [] }, '#/settings'],
      [
        'PATCH',
        '/organisations/{acme}',
        { settings: { invitationExpiryHours: '5' } },
        '#/settings/invitationExpiryHours',
      ],
      ['PATCH', '/organisations/{acme}', { settings: { defaultLocale: 5 } }, '#/settings/defaultLocale'],
      ['PATCH', '/organisations/{acme}', { plan: { seatLimit: 1 } }, '#/plan'],
      ['PATCH', '/projects/{project}', { name: null }, '#/name'],
      ['PATCH', '/projects/{project}', { metadata: null }, '#/metadata'],
      ['PATCH', '/projects/{project}', { kind: 'team' }, '#/kind'],
      ['PATCH', '/invitations/{invitation}', { role: null }, '#/role'],
      ['PATCH', '/invitations/{invitation}', { projects: null }, '#/projects'],
      ['PATCH', '/invitations/{invitation}', { givenName: null }, '#/givenName'],
      ['PATCH', '/invitations/{invitation}', { familyName: null }, '#/familyName'],
      ['PATCH', '/invitations/{invitation}', { message: null }, '#/message'],
      ['PATCH', '/invitations/{invitation}', { locale: null }, '#/locale'],
      ['PATCH', '/invitations/{invitation}', { expiresInHours: null }, '#/expiresInHours'],
      ['PATCH', '/invitations/{invitation}', { metadata: null }, '#/metadata'],
      ['PATCH', '/invitations/{invitation}', { platformRole: 'ADMIN' }, '#/platformRole'],
      ['PATCH', '/invitations/{invitation}', { email: 'other@example.com' }, '#/email'],
      ['PATCH', '/invitations/{invitation}', { status: 'ACCEPTED' }, '#/status'],
      ['PUT', '/organisations/{acme}/members/{member}/role', { role: null }, '#/role'],
      ['PUT', '/organisations/{acme}/members/{member}/role', {}, '#/role'],
      ['PUT', '/organisations/{acme}/members/{member}/status', { status: null }, '#/status'],
      ['PUT', '/organisations/{acme}/members/{member}/status', { status: 'active' }, '#/status'],
      ['PUT', '/me/password', { currentPassword: null, newPassword: 'long enough' }, '#/currentPassword'],
      ['PUT', '/me/password', { currentPassword: 'first-admin-password', newPassword: 'short' }, '#/newPassword'],
      [
        'PUT',
        '/me/password',
        { currentPassword: 'first-admin-password', newPassword: 'x'.repeat(129) },
        '#/newPassword',
      ],
    ])('refuses %s %s %j', (method, path, body, pointer) => refusedFor(pointer, () => request(method, path, body)));
  });

  describe('in something new', () => {
    it.each<[string, object, string]>([
      ['/auth/sign-in', { email: ['a@x.co'], password: 'x' }, '#/email'],
      ['/auth/sign-in', { email: 'a@x.co', password: { $ne: null } }, '#/password'],
      ['/auth/sign-in', { email: 'a@x.co', password: 'x'.repeat(129) }, '#/password'],
      ['/auth/password-resets', { email: 'a@x.co, b@y.co' }, '#/email'],
      ['/auth/password-resets/confirm', { token: null, password: 'long enough' }, '#/token'],
      ['/auth/password-resets/confirm', { token: 'x', password: 'short' }, '#/password'],
      ['/organisations', { name: ['Acme'] }, '#/name'],
      ['/organisations', { name: 'x'.repeat(101) }, '#/name'],
      ['/organisations', { name: 'Acme', ownerEmail: 'a@x.co, b@y.co' }, '#/ownerEmail'],
      ['/organisations', { name: 'Acme', shortId: 'abcdefgh' }, '#/shortId'],
      ['/organisations/{acme}/projects', {}, '#/name'],
      ['/organisations/{acme}/projects', { name: 'Web', kind: 'Two Words' }, '#/kind'],
      ['/organisations/{acme}/projects', { name: 'Web', externalId: 5 }, '#/externalId'],
      ['/organisations/{acme}/projects', { name: 'Web', metadata: 'none' }, '#/metadata'],
      ['/projects/{project}/members', { userId: 'kim', role: 'VIEWER' }, '#/userId'],
      ['/projects/{project}/members', { userId: ['{member}'], role: 'VIEWER' }, '#/userId'],
      ['/projects/{project}/invitations', { email: 'a@x.co', role: 'VIEWER', projects: [] }, '#/projects'],
      ['/platform/invitations', { email: 'a@x.co', platformRole: 'OWNER' }, '#/platformRole'],
      ['/platform/invitations', { email: 'a@x.co', platformRole: 'MEMBER', role: 'OWNER' }, '#/role'],
      ['/invitations/{invitation}/resend', { sendEmail: 'no' }, '#/sendEmail'],
      ['/invitations/lookup', {}, '#/token'],
      ['/invitations/accept', { token: ['x'] }, '#/token'],
      ['/invitations/accept', { token: 'x', email: 'a@x.co' }, '#/email'],
      ['/invitations/decline', { token: 'x'.repeat(201) }, '#/token'],
      ['/invitations/renewal-requests', { token: 5 }, '#/token'],
    ])('refuses POST %s %j', (path, body, pointer) => refusedFor(pointer, () => request('POST', path, body)));
  });

  describe('in an address', () => {
    const LIST = '/organisations/{acme}/invitations';

    it.each([
      [`${LIST}?sort=password`, '#/sort'],
      [`${LIST}?sort=createdAt,id`, '#/sort'],
      [`${LIST}?sort=createdAt&sort=email`, '#/sort'],
      [`${LIST}?status=OPEN`, '#/status'],
      [`${LIST}?status=PENDING&status=ACCEPTED`, '#/status'],
      [`${LIST}?email=k%C4%B1m@example.com`, '#/email'],
      [`${LIST}?q=`, '#/q'],
      [`${LIST}?q=%00`, '#/q'],
      [`${LIST}?projectId=design`, '#/projectId'],
      [`${LIST}?invitedBy=me`, '#/invitedBy'],
      [`${LIST}?delivery=LOST`, '#/delivery'],
      [`${LIST}?limit=0`, '#/limit'],
      [`${LIST}?limit=101`, '#/limit'],
      [`${LIST}?limit=abc`, '#/limit'],
      [`${LIST}?limit=1.5`, '#/limit'],
      [`${LIST}?limit=`, '#/limit'],
      [`${LIST}?includeTotal=yes`, '#/includeTotal'],
      [`${LIST}?offset=20`, '#/offset'],
      [`${LIST}?constructor=x`, '#/constructor'],
      [`${LIST}?__proto__=x`, '#/__proto__'],
      ['/users?page=2', '#/page'],
      ['/users?platformRole=admin', '#/platformRole'],
      ['/organisations?name=Acme', '#/name'],
      ['/organisations/{acme}/members?role=OWNER', '#/role'],
      ['/organisations/{acme}/members?status=GONE', '#/status'],
      ['/organisations/{acme}/projects?kind=Two%20Words', '#/kind'],
      ['/me?expand=true', '#/expand'],
      ['/organisations/{acme}?fields=id', '#/fields'],
      ['/invitations/{invitation}?token=x', '#/token'],
      ['/organisations/acme', '#/organisationId'],
      ['/organisations/%00', '#/organisationId'],
      ['/organisations/{acme}%20', '#/organisationId'],
      ["/organisations/'%20OR%201=1--", '#/organisationId'],
      ['/projects/1', '#/projectId'],
      ['/invitations/latest', '#/invitationId'],
      ['/users/me', '#/userId'],
      ['/organisations/{acme}/members/kim', '#/userId'],
    ])('refuses GET %s', (path, pointer) => refusedFor(pointer, () => request('GET', path)));

    it('refuses unknown parameters of a write', () =>
      refusedFor('#/force', () => request('DELETE', '/invitations/{invitation}?force=true')));

    it('refuses ids that are not ids on writes', async () => {
      await refusedFor('#/id', () => request('POST', '/me/invitations/first/accept'));
      await refusedFor('#/userId', () => request('PUT', '/projects/{project}/members/kim/role', { role: 'VIEWER' }));
    });
  });

  describe('as a cursor', () => {
    const pageOf = async (path: string): Promise<string> => {
      const { body } = await request('GET', `${path}limit=1`);
      expect(body.nextCursor).toEqual(expect.any(String));
      return body.nextCursor as string;
    };

    beforeAll(async () => {
      const acme = { id: ids.acme, shortId: '', name: '' };
      await buildProject(app, admin, acme);
      await buildOrganisation(app, admin);
    });

    it('refuses one that was forged, cut or bent', async () => {
      const cursor = await pageOf('/organisations/{acme}/invitations?');
      const [text, signature] = cursor.split('.');
      const forged = Buffer.from(JSON.stringify(['-createdAt', '2026-01-01', SOMEBODY])).toString('base64url');
      const wrong = [
        'x',
        '.',
        text,
        `${text}.`,
        cursor.slice(0, -1),
        `${forged}.${signature}`,
        `${cursor}.x`,
        'a'.repeat(1_001),
      ];
      for (const bent of wrong) {
        await refusedFor('#/cursor', () => request('GET', `/organisations/{acme}/invitations?cursor=${bent}`));
      }
      await refusedFor('#/cursor', () =>
        request('GET', `/organisations/{acme}/invitations?cursor=${cursor}&cursor=${cursor}`),
      );
    });

    it('refuses one of another order', async () => {
      const cursor = await pageOf('/organisations/{acme}/invitations?sort=email&');
      await refusedFor('#/cursor', () =>
        request('GET', `/organisations/{acme}/invitations?sort=-email&cursor=${cursor}`),
      );
      await refusedFor('#/cursor', () => request('GET', `/organisations/{acme}/invitations?cursor=${cursor}`));
    });

    it('refuses one of another list', async () => {
      const lists = ['/users', '/organisations', '/organisations/{acme}/projects', '/organisations/{acme}/invitations'];
      const byJoining = ['/organisations/{acme}/members', '/me/memberships'];
      for (const [from, to] of [...pairs(lists), ...pairs(byJoining)]) {
        const cursor = await pageOf(`${from}?`);
        await refusedFor('#/cursor', () => request('GET', `${to}?cursor=${cursor}`));
      }
    });
  });

  describe('as a body', () => {
    const INVITE = '/organisations/{acme}/invitations';
    const sending =
      (body: string | undefined, headers: Record<string, string> = {}) =>
      () =>
        request('POST', INVITE, body, headers);

    it.each(['[]', '[{"email":"a@x.co","role":"MEMBER"}]', '"text"', '5', 'true', 'null'])('refuses %s', (body) =>
      refusedFor('#', sending(body)),
    );

    it('names what is missing when there is none', async () => {
      await refusedFor('#/email', sending(undefined));
      await refusedFor('#/role', sending('', { 'Content-Type': 'application/json' }));
    });

    it.each(['{', '{"email":}', "{'email': 'a@x.co'}", '{"a":1}{"b":2}', '\uFEFF'])(
      'refuses broken JSON: %s',
      async (body) => {
        const answer = await refused(400, sending(body));
        expect(answer.body.code).toBe('malformed_json');
      },
    );

    it.each([
      '{"__proto__":{"role":"OWNER"},"email":"a@x.co"}',
      '{"email":"a@x.co","role":"MEMBER","metadata":{"__proto__":{"polluted":true}}}',
      '{"email":"a@x.co","role":"MEMBER","constructor":{"prototype":{"polluted":true}}}',
      '{"email":"a@x.co","role":"MEMBER","metadata":{"constructor":{"prototype":{"polluted":true}}}}',
    ])('refuses to touch what objects are made of: %s', async (body) => {
      await refused(400, sending(body));
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined(); // as: asks whether every object now has it
    });

    it('refuses more than 1 MiB', async () => {
      const large = JSON.stringify({ email: 'a@x.co', role: 'MEMBER', message: 'x'.repeat(1_048_576) });
      const answer = await refused(413, sending(large));
      expect(answer.body.code).toBe('body_too_large');
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'])(
      'refuses %s',
      async (type) => {
        const answer = await refused(415, sending('{"email":"a@x.co","role":"MEMBER"}', { 'Content-Type': type }));
        expect(answer.body.code).toBe('unsupported_media_type');
      },
    );

    it('refuses headers without end', async () => {
      const before = await traces();
      const answer = await request(
        'POST',
        INVITE,
        { email: newAddress(), role: 'MEMBER' },
        { 'X-Long': 'x'.repeat(20_000) },
      );
      expect(answer.status).toBe(431);
      expect(await traces()).toEqual(before);
    });

    it('refuses an address that cannot be decoded', async () => {
      const answer = await refused(400, () => request('GET', '/organisations/%E0%A4%A'));
      expect(answer.body.code).toBe('bad_request');
    });
  });
});

const pointersOf = ({ body }: Answer): string[] => (body.errors as { pointer: string }[]).map((error) => error.pointer); // as: every 400 of a field lists them

const pairs = (items: string[]): [string, string][] =>
  items.flatMap((from) => items.filter((to) => to !== from).map((to): [string, string] => [from, to]));
