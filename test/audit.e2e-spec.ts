import { get } from 'node:http';
import { Audit } from '@usher/audit';
import { parse } from 'csv-parse/sync';
import type { AuditEventDto } from '../apps/api/src/audit-trail/audit-event.dto.js';
import { AuditEventsService } from '../apps/api/src/audit-trail/audit-events.service.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signIn,
  signInAdmin,
} from './support/factories.js';

const NOBODY = '5f0c7a52-8a6e-4c1b-9f0e-2a4d6c8e0b13';

let app: TestApp;
let root: Person;
let operator: Person;
let acme: Organisation;
let owner: Person;
let member: Person;

const path = (rest = '', organisation = acme) => `/organisations/${organisation.id}${rest}`;
const asPath = (query: Record<string, string>) => `/audit-events?${new URLSearchParams(query).toString()}`;
const ask = (query: Record<string, string> = {}, as = owner) => app.api.get(path(asPath(query)), { as });
const eventsOf = async (query: Record<string, string> = {}, as = owner): Promise<AuditEventDto[]> => {
  const { status, body } = await ask({ limit: '100', ...query }, as);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body.data;
};
const platformEvents = async (query: Record<string, string> = {}): Promise<AuditEventDto[]> =>
  (await app.api.get(`/platform${asPath({ limit: '100', ...query })}`, { as: operator })).body.data;
const actionsOf = (events: { action: string }[]) => events.map(({ action }) => action);
const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);
const invite = (as: Person, fields: object = {}) =>
  app.api.post(path('/invitations'), { email: newAddress(), role: 'MEMBER', ...fields }, { as });

/** So many events of the organisation at the same moment, with a long text in each if wanted. */
const fill = (count: number, text = '') =>
  app.dataSource.query(
    `INSERT INTO audit_events (id, tenant_id, action, actor_type, actor_id, subject_type, after)
     SELECT gen_random_uuid(), $1, 'test.filled', 'user', $2, 'organisation', jsonb_build_object('number', n, 'text', $3::text)
     FROM generate_series(1, $4) AS n`,
    [acme.id, owner.id, text, count],
  );

beforeAll(async () => {
  app = await startApp();
  root = await signInAdmin(app);
  operator = await buildUser(app, root, 'OPERATOR');
});
beforeEach(async () => {
  acme = await buildOrganisation(app, root);
  owner = await buildMember(app, root, acme, { role: 'OWNER' });
  member = await buildMember(app, owner, acme);
});
afterAll(() => app.stop());

describe('the audit trail', () => {
  it('says what was done, newest first, by whom, to what and by which request', async () => {
    const created = await app.api.post(path('/projects'), { name: 'Website' }, { as: owner });
    const events = await eventsOf();
    expect(events[0]).toEqual({
      id: expect.any(String),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      action: 'project.created',
      actor: { type: 'user', id: owner.id, name: 'Kim Lee' },
      subject: { type: 'project', id: created.body.id },
      before: null,
      after: { name: 'Website', kind: 'project', externalId: null },
      ip: '127.0.0.1',
      requestId: created.headers.get('x-request-id'),
    });
    const times = events.map(({ at }) => String(at));
    expect(times).toEqual(times.toSorted().reverse());
    expect(actionsOf(events)).toContain('organisation.created');
  });

  it('is narrowed by who, what, and to what', async () => {
    const project = await buildProject(app, owner, acme);
    await app.api.patch(`/projects/${project.id}`, { name: 'Renamed' }, { as: operator });
    expect(actionsOf(await eventsOf({ subject: project.id }))).toEqual(['project.updated', 'project.created']);
    expect(actionsOf(await eventsOf({ actor: operator.id }))).toEqual(['project.updated']);
    expect(actionsOf(await eventsOf({ subject: project.id, action: 'project.created' }))).toEqual(['project.created']);
    expect(await eventsOf({ action: 'project' })).toEqual([]);
    expect(await eventsOf({ actor: NOBODY })).toEqual([]);
    expect((await ask({ subject: project.id, includeTotal: 'true' })).body.total).toBe(2);
  });

  it('is narrowed to a time: from then on, and until before then', async () => {
    await buildProject(app, owner, acme);
    const [newest] = await eventsOf();
    const at = String(newest.at);
    expect(idsOf(await eventsOf({ from: at }))).toContain(newest.id);
    expect(idsOf(await eventsOf({ to: at }))).not.toContain(newest.id);
    expect(await eventsOf({ to: at })).not.toEqual([]);
    const inBerlin = new Date(Date.parse(at) + 3_600_000).toISOString().replace('Z', '+01:00');
    expect(idsOf(await eventsOf({ from: inBerlin }))).toEqual(idsOf(await eventsOf({ from: at })));
    expect(await eventsOf({ from: '2999-01-01' })).toEqual([]);
    expect(await eventsOf({ from: '1999-12-31', to: '2000-01-01' })).toEqual([]);
  });

  it('refuses what is no time, and filters that there are not', async () => {
    const times = [
      'yesterday',
      '2026-02-30',
      '2026-13-01',
      '2026-11-16T09:00:00',
      '2026-11-16T25:00:00Z',
      '2026-11-16T09:00:00 01:00',
      '0000-01-01',
      '9999-12-31T23:59:59-23:59',
      '1763283600',
    ];
    const detail = expect.stringMatching(/^from must be an ISO 8601 date, or time with its offset, such as /);
    for (const from of times) {
      for (const Accept of ['application/json', 'text/csv']) {
        const answer = await app.api.get(path(asPath({ from })), { as: owner, headers: { Accept } });
        expect({ from, ...answer }).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/from', detail }] } });
      }
    }
    const filters: Record<string, string>[] = [
      { actor: 'kim' },
      { subject: 'me' },
      { action: '' },
      { tenant: NOBODY },
      { organisationId: NOBODY },
    ];
    for (const query of filters)
      expect({ query, ...(await ask(query)) }).toMatchObject({ body: { code: 'validation_failed' } });
  });

  it('shows no event twice and skips none while others come in', async () => {
    await fill(30);
    const before = idsOf(await eventsOf());
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: Answer = await ask({ limit: '7', ...(cursor ? { cursor } : {}) });
      seen.push(...idsOf(body.data));
      cursor = body.nextCursor;
      await buildProject(app, owner, acme);
    }
    expect(seen).toEqual(before);
  });

  it('costs the same number of queries however long the page is', async () => {
    await fill(60);
    await eventsOf({ limit: '1' });
    const runner = app.dataSource.createQueryRunner();
    const spy = jest.spyOn(Object.getPrototypeOf(runner) as typeof runner, 'query');
    const cost = async (limit: string): Promise<number> => {
      spy.mockClear();
      await eventsOf({ limit });
      return spy.mock.calls.filter(([sql]) => /audit_events|"users"/.test(sql)).length;
    };
    const [short, long] = [await cost('1'), await cost('60')];
    spy.mockRestore();
    await runner.release();
    expect([short, long]).toEqual([2, 2]);
  });

  it('is open to those who may read it, each in their own organisation', async () => {
    const other = await buildOrganisation(app, root);
    const stranger = await buildMember(app, root, other, { role: 'OWNER' });
    expect((await ask({}, stranger)).status).toBe(404);
    expect(await ask({}, member)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await app.api.get(path('/audit-events'))).status).toBe(401);
    expect((await ask({}, operator)).status).toBe(200);
    const mine = idsOf(await eventsOf());
    const theirs = idsOf((await app.api.get(path('/audit-events', other), { as: stranger })).body.data);
    expect(theirs.length).toBeGreaterThan(0);
    expect(mine.filter((id) => theirs.includes(id))).toEqual([]);
    for (const [as, status] of [
      [owner, 403],
      [operator, 200],
      [root, 200],
    ] as const)
      expect((await app.api.get('/platform/audit-events', { as })).status).toBe(status);
  });

  it('keeps what was done in an organisation that is gone, for the platform', async () => {
    await app.api.delete(path(), { as: owner });
    expect((await ask({}, root)).status).toBe(404);
    const events = await platformEvents({ organisationId: acme.id });
    expect(events[0]).toMatchObject({ action: 'organisation.deleted', actor: { id: owner.id, name: 'Kim Lee' } });
    expect(actionsOf(events)).toContain('organisation.created');
  });

  it('keeps what somebody did who was erased, without their name', async () => {
    const person = await buildMember(app, owner, acme, { role: 'ADMIN' });
    const project = await buildProject(app, person, acme);
    const [before] = await eventsOf({ subject: project.id });
    expect(before.actor).toEqual({ type: 'user', id: person.id, name: 'Kim Lee' });
    await app.api.delete(`/users/${person.id}`, { as: root });
    const [event] = await eventsOf({ subject: project.id });
    expect(event).toEqual({ ...before, actor: { ...before.actor, name: null } });
    const [removed] = await eventsOf({ subject: person.id });
    expect(removed).toMatchObject({ action: 'member.removed', after: { reason: 'account_erased' } });
  });

  it('tells people who act by their platform role alone from those who belong there', async () => {
    const project = await buildProject(app, root, acme);
    await app.api.patch(`/projects/${project.id}`, { name: 'Renamed' }, { as: operator });
    expect((await eventsOf({ subject: project.id })).map(({ actor }) => [actor.type, actor.id, actor.name])).toEqual([
      ['platform_staff', operator.id, 'Kim Lee'],
      ['user', root.id, expect.any(String)],
    ]);
    const person = await buildUser(app, root);
    await app.api.patch(`/users/${person.id}`, { status: 'SUSPENDED' }, { as: root });
    const [suspended] = await platformEvents({ subject: person.id, action: 'user.updated' });
    expect(suspended.actor).toMatchObject({ type: 'platform_staff', id: root.id });
    await app.api.patch('/me', { givenName: 'Kim' }, { as: operator });
    const [renamed] = await platformEvents({ subject: operator.id, action: 'user.renamed' });
    expect(renamed.actor.type).toBe('user');
    await app.api.put(path(`/members/${root.id}/status`), { status: 'SUSPENDED' }, { as: owner });
    await app.api.patch(path(), { name: 'Taken over' }, { as: root });
    expect((await eventsOf({ action: 'organisation.updated' }))[0].actor.type).toBe('platform_staff');
  });
});

describe('exports', () => {
  const fetchAs = (accept: string, query: Record<string, string> = {}, as = owner) =>
    app.api.get(path(asPath(query)), { as, headers: { Accept: accept } });
  const rowsOf = ({ body }: Answer): Record<string, string>[] => parse(body as string, { columns: true });
  const ndjson = async (query: Record<string, string> = {}): Promise<AuditEventDto[]> => {
    const { headers, body } = await fetchAs('application/x-ndjson', query);
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-events-[\d-]{10}\.ndjson"$/);
    const lines = (body as string).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as AuditEventDto);
  };

  it('hold every event that matches, in the order of the list, whatever the size of a page', async () => {
    await fill(1_700);
    const page = await eventsOf();
    const csv = await fetchAs('text/csv', { limit: '5', includeTotal: 'true' });
    expect(csv).toMatchObject({ status: 200 });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-events-[\d-]{10}\.csv"$/);
    expect(csv.headers.get('cache-control')).toBe('no-store');
    const rows = rowsOf(csv);
    const { total } = (await ask({ includeTotal: 'true' })).body;
    expect(total).toBeGreaterThan(1_700);
    expect([rows.length, new Set(idsOf(rows as { id: string }[])).size]).toEqual([total, total]);
    const events = await ndjson();
    expect(events.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(events.slice(0, 100)).toEqual(page);
    expect(rows.filter((row) => row.action === 'test.filled').every((row) => row.actorName === 'Kim Lee')).toBe(true);
  });

  it('take the same filters, and may be empty', async () => {
    await fill(3);
    expect(rowsOf(await fetchAs('text/csv', { action: 'test.filled' }))).toHaveLength(3);
    expect(await ndjson({ action: 'test.filled' })).toHaveLength(3);
    const columns = 'at,action,actorType,actorId,actorName,subjectType,subjectId,before,after,ip,requestId,id\n';
    expect((await fetchAs('text/csv', { actor: NOBODY })).body).toBe(columns);
    expect((await fetchAs('application/x-ndjson', { actor: NOBODY })).body).toBe('');
    const platform = await app.api.get(`/platform${asPath({ organisationId: acme.id, action: 'test.filled' })}`, {
      as: operator,
      headers: { Accept: 'text/csv' },
    });
    expect(rowsOf(platform)).toHaveLength(3);
  });

  it('come back as they were, and run no formula in a spreadsheet', async () => {
    const names = { givenName: '=cmd("a, b")', familyName: "|'/c calc'!A1" };
    await app.api.patch('/me', names, { as: owner });
    const name = '=1+1, "quoted"';
    const inside = 'a;@SUM(1);"=1\t-2\r+3\n=4 -5';
    const created = await app.api.post(path('/projects'), { name }, { as: owner, headers: { 'X-Request-Id': '-1.5' } });
    await app.dataSource.query(
      `INSERT INTO audit_events (id, tenant_id, action, actor_type, subject_type, subject_id)
       VALUES (gen_random_uuid(), $1, $2, 'system', 'test', $3)`,
      [acme.id, 'two\nlines, "quoted"', '@SUM(A1)'],
    );
    await app.dataSource.query(
      `INSERT INTO audit_events (id, tenant_id, action, actor_type, subject_type, subject_id)
       VALUES (gen_random_uuid(), $1, 'test.inside', 'system', 'inside', $2)`,
      [acme.id, inside],
    );
    const csv = await fetchAs('text/csv');
    const rows = rowsOf(csv);
    const project = rows.find((row) => row.subjectId === created.body.id)!;
    expect(project.actorName).toBe(`'${names.givenName} ${names.familyName}`);
    expect(project.requestId).toBe("'-1.5");
    expect(JSON.parse(project.after)).toMatchObject({ name });
    const written = rows.find((row) => row.subjectType === 'test');
    expect(written).toMatchObject({ action: 'two\nlines, "quoted"', subjectId: "'@SUM(A1)", actorId: '', after: '' });
    expect(rows.find((row) => row.subjectType === 'inside')).toMatchObject({
      subjectId: `a;'@SUM(1);"'=1\t'-2\r'+3\n'=4 -5`,
    });
    const cells = rows.flatMap((row) => Object.values(row));
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    const [event] = await ndjson({ subject: created.body.id });
    expect(event).toMatchObject({ actor: { name: `${names.givenName} ${names.familyName}` }, requestId: '-1.5' });
  });

  it('begin with a byte order mark in CSV, by which Excel knows UTF-8', async () => {
    const headers = { Authorization: `Bearer ${owner.token}`, Accept: 'text/csv' };
    const answer = await fetch(`${app.api.baseUrl}${path(asPath({ actor: NOBODY }))}`, { headers });
    expect([...new Uint8Array(await answer.arrayBuffer()).slice(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 0x61]);
  });

  it('are made when the Accept header asks for them, and only then', async () => {
    const wanted = [
      ['', 'application/json'],
      ['*/*', 'application/json'],
      ['application/json, text/csv', 'application/json'],
      ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
      ['application/pdf', 'application/json'],
      ['toString, constructor', 'application/json'],
      ['TEXT/CSV; charset=utf-8', 'text/csv'],
      ['text/csv, */*;q=0.1', 'text/csv'],
      ['text/*', 'text/csv'],
      ['application/pdf, application/x-ndjson', 'application/x-ndjson'],
    ];
    for (const [accept, type] of wanted) {
      const answer = await fetchAs(accept, { action: 'member.joined' });
      expect([accept, answer.headers.get('content-type')]).toEqual([accept, `${type}; charset=utf-8`]);
    }
    const head = await app.api.send('HEAD', path('/audit-events'), undefined, {
      as: owner,
      headers: { Accept: 'text/csv' },
    });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  });

  it('are refused like any request, as a problem', async () => {
    const refused = await fetchAs('text/csv', {}, member);
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(refused.headers.get('content-disposition')).toBeNull();
  });

  it('that fail before the first byte are a problem, too', async () => {
    const service = app.nest.get(AuditEventsService);
    const failing = jest.spyOn(service, 'all').mockRejectedValueOnce(Object.assign(new Error(), { code: '57P01' }));
    const answer = await fetchAs('text/csv');
    expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    expect(answer.headers.get('content-disposition')).toBeNull();
    failing.mockRestore();
  });

  it('are no longer read when the client has gone away', async () => {
    await fill(8_000, 'x'.repeat(4_000));
    const watch = { taken: 0, hasEnded: false };
    const service = app.nest.get(AuditEventsService);
    const read = service.all.bind(service);
    const spy = jest.spyOn(service, 'all').mockImplementationOnce(async (...query) => watched(await read(...query)));
    await firstBytes();
    await eventually(() => expect(watch.hasEnded).toBe(true));
    spy.mockRestore();
    expect(watch.taken).toBeGreaterThan(0);
    expect(watch.taken).toBeLessThan(16);

    async function* watched<T>(batches: AsyncIterable<T>): AsyncGenerator<T> {
      try {
        for await (const batch of batches) {
          watch.taken += 1;
          yield batch;
        }
      } finally {
        watch.hasEnded = true;
      }
    }

    function firstBytes(): Promise<void> {
      const headers = { Accept: 'text/csv', Authorization: `Bearer ${owner.token}` };
      return new Promise((resolve, reject) => {
        const request = get(`${app.api.baseUrl}${path('/audit-events')}`, { headers }, (response) => {
          response.once('readable', () => {
            request.destroy();
            resolve();
          });
        });
        request.on('error', (error: Error & { code?: string }) => error.code === 'ECONNRESET' || reject(error));
      });
    }
  });
});

describe('refused attempts', () => {
  const refusals = (query: Record<string, string> = {}, as = owner) =>
    eventsOf({ action: 'access.refused', ...query }, as);
  const API = '/api/v1';
  const AT = `${API}/organisations/:organisationId`;

  it('are written down once each, where they happened, with what was wanted', async () => {
    const project = await buildProject(app, owner, acme);
    const { body: invitation } = await invite(owner);
    const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
    const atOrganisation = { type: 'organisation', id: acme.id };
    const atProject = { type: 'project', id: project.id };
    const attempts: [() => Promise<Answer>, Person, object, object][] = [
      [
        () => app.api.get(`/organisations/${acme.shortId}/invitations?q=secret`, { as: member }),
        member,
        atOrganisation,
        { method: 'GET', route: `${AT}/invitations`, code: 'forbidden', permission: 'invitations:read' },
      ],
      [
        () => app.api.get(`/projects/${project.id.toUpperCase()}`, { as: member }),
        member,
        atProject,
        { method: 'GET', route: `${API}/projects/:projectId`, code: 'forbidden', permission: 'project:read' },
      ],
      [
        () => app.api.delete(`/invitations/${invitation.id}`, { as: member }),
        member,
        { type: 'invitation', id: invitation.id },
        {
          method: 'DELETE',
          route: `${API}/invitations/:invitationId`,
          code: 'forbidden',
          permission: 'invitations:manage',
        },
      ],
      [
        () => invite(admin, { role: 'OWNER' }),
        admin,
        atOrganisation,
        { method: 'POST', route: `${AT}/invitations`, code: 'above_ceiling', permission: 'invitations:manage' },
      ],
      [
        () => app.api.put(path(`/members/${admin.id}/role`), { role: 'MEMBER' }, { as: admin }),
        admin,
        atOrganisation,
        { method: 'PUT', route: `${AT}/members/:userId/role`, code: 'own_role', permission: 'members:manage' },
      ],
      [
        () => app.api.delete(path(`/members/${owner.id}`), { as: member }),
        member,
        atOrganisation,
        { method: 'DELETE', route: `${AT}/members/:userId`, code: 'forbidden', permission: null },
      ],
    ];
    for (const [attempt, person, subject, after] of attempts) {
      const answer = await attempt();
      expect(answer.status).toBe(403);
      const requestId = answer.headers.get('x-request-id');
      const written = (await refusals()).filter((event) => event.requestId === requestId);
      expect(written).toMatchObject([{ actor: { type: 'user', id: person.id }, subject, before: null, after }]);
    }
    expect(await refusals()).toHaveLength(attempts.length);
  });

  it('by suspended members and by platform staff are told to the organisation, too', async () => {
    await app.api.put(path(`/members/${member.id}/status`), { status: 'SUSPENDED' }, { as: owner });
    await app.api.get(path(), { as: member });
    await invite(operator);
    expect(await refusals()).toMatchObject([
      { actor: { type: 'platform_staff', id: operator.id }, after: { code: 'forbidden' } },
      { actor: { type: 'user', id: member.id }, after: { code: 'membership_suspended' } },
    ]);
  });

  it('outside organisations are told to the platform alone', async () => {
    const person = await buildUser(app, root);
    await app.api.get('/platform', { as: person });
    await app.api.get(`/users/${owner.id}`, { as: person });
    await app.api.put('/me/password', { currentPassword: 'guess-nr-1', newPassword: PASSWORD }, { as: person });
    const { body } = await invite(owner);
    const token = await app.inbox.token(body.email as string);
    await app.api.post('/invitations/accept', { token }, { as: person });
    const events = await platformEvents({ actor: person.id, action: 'access.refused' });
    expect(events.map(({ subject, after }) => ({ subject, after }))).toMatchObject([
      { subject: { type: 'platform', id: null }, after: { code: 'wrong_account', permission: null } },
      { subject: { type: 'platform', id: null }, after: { code: 'wrong_password', permission: null } },
      { subject: { type: 'user', id: owner.id }, after: { code: 'forbidden', permission: 'users:read' } },
      { subject: { type: 'platform', id: null }, after: { code: 'forbidden', permission: 'platform:read' } },
    ]);
    expect(await platformEvents({ actor: person.id, organisationId: acme.id })).toEqual([]);
    for (const secret of ['guess-nr-1', PASSWORD, token, person.token, '@'])
      expect(JSON.stringify(events)).not.toContain(secret);
  });

  it("by strangers are the platform's knowledge, not the organisation's", async () => {
    const stranger = await buildUser(app, root);
    const project = await buildProject(app, owner, acme);
    const before = idsOf(await eventsOf());
    expect((await app.api.get(`/organisations/${acme.shortId}`, { as: stranger })).status).toBe(404);
    const written = (count: number) =>
      eventually(async () => {
        const events = await platformEvents({ actor: stranger.id, action: 'access.refused' });
        expect(events).toHaveLength(count);
        return events;
      });
    await written(1);
    expect((await app.api.delete(`/projects/${project.id}`, { as: stranger })).status).toBe(404);
    expect(await written(2)).toMatchObject([
      {
        actor: { type: 'user' },
        subject: { type: 'project', id: project.id },
        after: { code: 'not_found', permission: 'project:delete' },
        ip: '127.0.0.1',
      },
      { subject: { type: 'organisation', id: acme.id }, after: { code: 'not_found', permission: 'organisation:read' } },
    ]);
    expect(idsOf(await eventsOf())).toEqual(before);
    expect(await platformEvents({ actor: stranger.id, organisationId: acme.id })).toEqual([]);
  });

  it('are no attempts when there is nothing, nobody is known, or the request was merely wrong', async () => {
    const count = async () => (await platformEvents({ action: 'access.refused' })).length;
    const before = await count();
    await app.api.get(`/organisations/${NOBODY}`, { as: member });
    await app.api.get(path('/invitations'), { as: `uss_${'x'.repeat(43)}` });
    await app.api.get(path('/invitations'));
    await app.api.get(path('/invitations?limit=0'), { as: owner });
    await app.api.delete(path(`/members/${NOBODY}`), { as: owner });
    expect(await count()).toBe(before);
  });

  it('cannot fill the table: sixty a minute and caller', async () => {
    const flooder = await buildMember(app, owner, acme);
    for (let attempt = 0; attempt < 70; attempt += 1) {
      expect((await app.api.get(path('/invitations'), { as: flooder })).status).toBe(403);
    }
    expect(await refusals({ actor: flooder.id })).toHaveLength(60);
    await app.api.get(path('/invitations'), { as: member });
    expect(await refusals({ actor: member.id })).toHaveLength(1);
  });

  it('are refused all the same when they cannot be written down', async () => {
    const failing = jest.spyOn(app.nest.get(Audit), 'record').mockRejectedValueOnce(new Error('No space left'));
    expect(await app.api.get(path('/invitations'), { as: member })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(failing).toHaveBeenCalledTimes(1);
    failing.mockRestore();
    expect(await refusals()).toEqual([]);
  });

  it('to sign in are written down alike, without address or password', async () => {
    const person = await buildUser(app, root);
    const suspended = await buildUser(app, root);
    await app.api.patch(`/users/${suspended.id}`, { status: 'SUSPENDED' }, { as: root });
    const address = newAddress('nobody');
    const attempts = [
      await app.api.post('/auth/sign-in', { email: person.email, password: 'guess-nr-2' }, { as: person }),
      await app.api.post('/auth/sign-in', { email: address, password: 'guess-nr-2' }),
      await app.api.post('/auth/sign-in', { email: suspended.email, password: PASSWORD }),
    ];
    const requestIds = attempts.map(({ headers }) => headers.get('x-request-id'));
    const written = (await platformEvents({ action: 'sign_in.refused' })).filter(({ requestId }) =>
      requestIds.includes(requestId),
    );
    const actor = { type: 'system', id: null, name: null };
    const alike = { actor, before: null, after: null, ip: '127.0.0.1' };
    expect(written).toMatchObject([
      { ...alike, subject: { type: 'user', id: suspended.id } },
      { ...alike, subject: { type: 'user', id: null } },
      { ...alike, subject: { type: 'user', id: person.id } },
    ]);
    for (const secret of [person.email, address, 'guess-nr-2', PASSWORD])
      expect(JSON.stringify(written)).not.toContain(secret);
  });
});

describe('audit events', () => {
  it('cannot be changed or deleted, by whatever code', async () => {
    for (const statement of [
      `UPDATE audit_events SET action = 'nothing.done'`,
      'DELETE FROM audit_events WHERE false',
      'TRUNCATE audit_events',
    ]) {
      await expect(app.dataSource.query(statement)).rejects.toThrow(/audit_events is append-only/);
    }
    expect(Object.getOwnPropertyNames(Audit.prototype)).toEqual([
      'constructor',
      'record',
      'recordRefusal',
      'recording',
    ]);
  });

  it('say of each session who ended it', async () => {
    const person = await buildMember(app, owner, acme);
    await signIn(app, person.email);
    const sessions = (await app.api.get('/auth/sessions', { as: person })).body.data as { id: string }[];
    const endOf = async (index: number) => platformEvents({ subject: sessions[index].id, action: 'session.ended' });
    const password = { currentPassword: PASSWORD, newPassword: 'another correct horse' };
    await app.api.put('/me/password', password, { as: person });
    await app.api.patch(`/users/${person.id}`, { status: 'SUSPENDED' }, { as: root });
    expect(await endOf(0)).toMatchObject([{ actor: { type: 'user', id: person.id } }]);
    expect(await endOf(1)).toMatchObject([{ actor: { type: 'platform_staff', id: root.id } }]);
  });
});
