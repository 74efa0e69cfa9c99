import { startApp, type TestApp } from './support/app.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

type Row = Record<string, unknown>;

/** An organisation, and what a request may name in it. */
interface Place {
  organisation: Organisation;
  projectId: string;
  ownRoleId: string;
  callers: Record<string, string>;
}

const LIMITED = { invitationsEnabled: true, seatLimit: 1_000_000 };

const REQUESTS: [string, (place: Place) => Row][] = [
  ['names nothing but a role', () => ({ role: 'MEMBER' })],
  ['names a role in small letters', () => ({ role: 'admin' })],
  ["gives an organisation's own role, by its id", ({ ownRoleId }) => ({ role: ownRoleId })],
  ['lets into a project', ({ projectId }) => ({ role: 'MEMBER', projects: [{ projectId, role: 'EDITOR' }] })],
  [
    'says all there is to say',
    ({ projectId }) => ({
      role: 'MEMBER',
      projects: [{ projectId: projectId.toUpperCase(), role: 'viewer' }],
      givenName: 'Zoë',
      familyName: `O'Hara "\\ 🎉`,
      message: 'Schön, dass du kommst',
      locale: 'de-AT',
      expiresInHours: 400,
      metadata: { crm: { id: 7, tags: ['a', null] } },
      reminder: false,
    }),
  ],
  ['lives too briefly to be reminded of', () => ({ role: 'MEMBER', expiresInHours: 2 })],
];

describe('inviting to an organisation', () => {
  let app: TestApp;
  let root: Person;
  let unlimited: Place;
  let limited: Place;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
    [unlimited, limited] = [await open(), await open()];
    await app.api.put(`/organisations/${limited.organisation.id}/plan`, LIMITED, { as: root });
  });
  afterAll(() => app.stop());

  async function open(): Promise<Place> {
    const organisation = await buildOrganisation(app, root, 'Acme');
    const { id } = organisation;
    await app.api.patch(`/organisations/${id}`, { settings: { accentColour: '#0f766e' } }, { as: root });
    const { id: projectId } = await buildProject(app, root, organisation);
    const role = { key: 'READER', name: 'Reader', scope: 'ORGANISATION', permissions: ['organisation:read'] };
    const { body: own } = await app.api.post(`/organisations/${id}/roles`, role, { as: root });
    const admin = await buildMember(app, root, organisation, { role: 'ADMIN' });
    const { body: key } = await app.api.post(
      `/organisations/${id}/api-keys`,
      { name: 'Onboarding', role: 'ADMIN' },
      { as: root },
    );
    await app.api.get(`/organisations/${id}`, { as: key.key as string }); // its first use is written down
    const callers = { owner: root.token, admin: admin.token, key: key.key as string };
    return { organisation, projectId, ownRoleId: own.id as string, callers };
  }

  /** The answer, and what it left in the database, without what differs from one invitation to the next. */
  async function invite(place: Place, caller: string, fields: Row): Promise<Row> {
    const email = newAddress();
    const path = `/organisations/${place.organisation.id}/invitations`;
    const { status, body } = await app.api.post(path, { email, ...fields }, { as: place.callers[caller] });
    expect({ status, detail: body.detail }).toEqual({ status: 201, detail: undefined });
    const shown = await app.api.get(`/invitations/${body.id}`, { as: root });
    expect({ ...shown.body, delivery: null }).toEqual({ ...body, delivery: null });
    const rows = await Promise.all(TABLES.map((statement) => app.dataSource.query<Row[]>(statement, [body.id])));
    const mail = await app.inbox.newest(email);
    const kept = JSON.stringify({ body: { ...body, delivery: null }, rows, mail: [mail.subject, mail.text] });
    const token = /join#token=([\w-]+)/.exec(mail.text ?? '')?.[1];
    expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
    return JSON.parse(alike(kept, place, { [email]: 'EMAIL', [body.invitedBy.name]: 'INVITER' })) as Row;
  }

  const TABLES = [
    `SELECT place, type, status, link_shown, reminder, send_count, expiry_hours, invited_by_type, locale, role_id, platform_role,
      date_trunc('minute', expires_at - created_at) AS life, expires_at - remind_at AS lead, last_sent_at = created_at AS sent,
      previous_token_hash IS NULL AS fresh FROM invitations WHERE id = $1`,
    'SELECT project_id, role_id, organisation_id FROM invitation_grants WHERE invitation_id = $1',
    `SELECT tenant_id, recipient_limit, refusable, to_name, content FROM mail_messages WHERE subject_id = $1`,
    `SELECT action, actor_type, subject_type, tenant_id, before, after, ip FROM audit_events WHERE subject_id = $1`,
    `SELECT v.organisation_id FROM invitees v JOIN invitations i ON i.invitee_id = v.id AND i.email = v.email WHERE i.id = $1`,
  ];

  /** Ids, names, moments, addresses and secrets by what they stand for. */
  function alike(text: string, { organisation, projectId, ownRoleId }: Place, people: Record<string, string>): string {
    const places = { [organisation.id]: 'ORGANISATION', [projectId]: 'PROJECT', [ownRoleId]: 'ROLE' };
    const named = Object.entries({ ...places, ...people });
    return named
      .reduce((all, [value, name]) => all.replaceAll(value, name), text.replaceAll('\u2060', ''))
      .replace(/Project-[\w-]+/g, 'PROJECT NAME')
      .replace(/"shortId":"\w{8}"/g, '"shortId":"SHORT"')
      .replace(/(?!00000000-0000)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'MOMENT')
      .replace(/token=[\w-]+/g, 'token=SECRET')
      .replace(/\d\d:\d\d UTC/g, 'TIME');
  }

  describe.each(['owner', 'admin', 'key'])('by one who holds enough: %s', (caller) => {
    it.each(REQUESTS)('leaves the same with and without a seat limit when the request %s', async (_what, fieldsIn) => {
      const left = await invite(unlimited, caller, fieldsIn(unlimited));
      expect(await invite(limited, caller, fieldsIn(limited))).toEqual(left);
    });
  });

  it('is done by platform staff who are no members', async () => {
    const organisation = await buildOrganisation(app, root);
    await app.dataSource.query('DELETE FROM memberships WHERE organisation_id = $1', [organisation.id]);
    const staffed = { ...unlimited, organisation, callers: { staff: root.token } };
    expect(await invite(staffed, 'staff', { role: 'MEMBER' })).toMatchObject({ body: { status: 'PENDING' } });
  });

  it('ends when a limit is reached, and nothing is counted twice', async () => {
    const { body: platform } = await app.api.get('/platform', { as: root });
    const organisation = await buildOrganisation(app, root);
    const path = `/organisations/${organisation.id}/invitations`;
    await app.api.patch('/platform', { limits: { invitationsPerOrganisationPerDay: 2 } }, { as: root });
    const answers = [];
    for (let number = 0; number < 4; number += 1)
      answers.push((await app.api.post(path, { email: newAddress(), role: 'MEMBER' }, { as: root })).status);
    await app.api.patch('/platform', { limits: platform.limits }, { as: root });
    expect(answers).toEqual([201, 201, 429, 429]);
    expect((await app.api.post(path, { email: newAddress(), role: 'MEMBER' }, { as: root })).status).toBe(201);
    const [{ invited, counted }] = await app.dataSource.query<{ invited: number; counted: number }[]>(
      `SELECT (SELECT count(*)::int FROM invitations WHERE organisation_id = $1) AS invited,
        (SELECT sum(hits)::int FROM sending_counters WHERE subject = encode(sha256(convert_to('by organisation ' || $1, 'UTF8')), 'hex')) AS counted`,
      [organisation.id],
    );
    expect({ invited, counted }).toEqual({ invited: 3, counted: 3 });
  });
});
