import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { REQUEST, RESPONSES } from './contracts/deepset.schema.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer, RequestOptions } from './support/client.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  join,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

describe("deepset's invitation API", () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let admin: Person;
  let project: { id: string };

  const path = (rest = '/invitation', id = acme.id) => `/organization/${id}${rest}`;
  const body = (fields: object = {}) => ({
    given_name: 'Kim',
    family_name: 'Lee',
    email: newAddress(),
    role: 'Member',
    ...fields,
  });
  /** Every answer is checked against the vendor's page. */
  const post = async (sent: unknown, options: RequestOptions = { as: admin }, to = path()): Promise<Answer> => {
    const answer = await app.api.post(to, sent, options);
    expect({ status: answer.status, schema: RESPONSES[answer.status] }).toMatchObject({ schema: expect.any(Object) });
    const validate = ajv.compile(RESPONSES[answer.status]);
    validate(answer.body);
    expect({ status: answer.status, body: answer.body, errors: validate.errors }).toMatchObject({ errors: null });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    return answer;
  };
  const invite = (fields: object = {}, options?: RequestOptions) => post(body(fields), options);
  const native = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body;
  const count = async (): Promise<number> => {
    const [{ count }] = await app.dataSource.query(
      'SELECT count(*)::int AS count FROM invitations WHERE organisation_id = $1',
      [acme.id],
    );
    return count;
  };
  const makeRole = (fields: object) => app.api.post(`/organisations/${acme.id}/roles`, fields, { as: owner });
  const makeKey = async (role: string): Promise<string> =>
    (await app.api.post(`/organisations/${acme.id}/api-keys`, { name: 'deepset', role }, { as: owner })).body.key;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
    admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
    project = await buildProject(app, owner, acme);
  });
  afterAll(() => app.stop());

  describe('invites', () => {
    it('by mail, and who accepts has the role there and in each workspace', async () => {
      const team = await buildProject(app, owner, acme, { kind: 'team' });
      const request = body({ workspace_ids: [project.id, team.id.toUpperCase(), team.id] });
      expect(ajv.validate(REQUEST, request)).toBe(true);
      const { status, body: invited } = await post(request);
      expect(status).toBe(201);
      expect(invited).toEqual({
        invitation_id: expect.any(String),
        email: request.email,
        given_name: 'Kim',
        family_name: 'Lee',
        role: 'MEMBER',
        organization_id: acme.id,
        workspace_ids: [project.id, team.id].sort(),
        status: 'PENDING',
        expires_at: expect.stringMatching(/Z$/),
      });
      const kim = await join(app, request.email, 1);
      const { body: memberships } = await app.api.get('/me/memberships', { as: kim });
      expect(memberships.data).toMatchObject([{ organisation: { id: acme.id }, role: { key: 'MEMBER' } }]);
      const rolesById = memberships.data[0].projects.map((each: { projectId: string; role: { key: string } }) => [
        each.projectId,
        each.role.key,
      ]);
      expect(Object.fromEntries(rolesById)).toEqual({ [project.id]: 'VIEWER', [team.id]: 'MEMBER' });
    });

    it.each([
      ['Admin', 'ADMIN', 'ADMIN'],
      ['aDMIN', 'ADMIN', 'ADMIN'],
      ['Search User', 'MEMBER', 'VIEWER'],
      ['search user', 'MEMBER', 'VIEWER'],
      ['Editor', 'MEMBER', 'EDITOR'],
      ['member', 'MEMBER', 'VIEWER'],
    ])('%s as %s in the organisation and %s in workspaces', async (role, inOrganisation, inProject) => {
      const { status, body: invited } = await invite({ role, workspace_ids: [project.id] });
      expect(status).toBe(201);
      expect(await native(invited.invitation_id)).toMatchObject({
        type: 'ORGANISATION',
        role: { key: inOrganisation },
        projects: [{ projectId: project.id, role: { key: inProject } }],
        invitedBy: { type: 'user', id: admin.id },
      });
    });

    it('with roles of their own, by key before name, the organisation before its projects', async () => {
      const permissions = ['project:read'];
      const custom = (key: string, name: string, scope: string) => makeRole({ key, name, scope, permissions });
      await custom('both', 'Named in the organisation', 'ORGANISATION');
      await custom('both', 'Named in projects', 'PROJECT');
      await custom('other', 'Both', 'ORGANISATION');
      const granted = async (role: string) => {
        const { body: invited } = await invite({ role, workspace_ids: [project.id] });
        const { role: given, projects } = await native(invited.invitation_id);
        return [invited.role, given.key, given.name, projects[0].role.name];
      };
      expect(await granted('BOTH')).toEqual(['both', 'both', 'Named in the organisation', 'Named in projects']);
      expect(await granted('named in PROJECTS')).toEqual(['both', 'MEMBER', 'Member', 'Named in projects']);
      expect(await granted('Other')).toEqual(['other', 'other', 'Both', 'Viewer']);
    });

    it('by the short id, by Token, by a key, and past what it does not know', async () => {
      const to = path('/invitation?source=sdk', acme.shortId);
      const short = await post(body({ team: 'x', workspace_ids: [] }), { as: admin }, to);
      expect(short).toMatchObject({ status: 201, body: { organization_id: acme.id } });
      const token = await invite({}, { headers: { Authorization: `Token ${admin.token}` } });
      expect(token.status).toBe(201);
      const email = newAddress();
      const key = await makeKey('ADMIN');
      const byKey = await invite({ email, given_name: '', family_name: '' }, { as: key });
      expect(byKey).toMatchObject({ status: 201, body: { given_name: null, family_name: null } });
      expect(await native(byKey.body.invitation_id)).toMatchObject({ invitedBy: { type: 'api_key' } });
      await join(app, email, 1);
    });

    it('as nothing that the body claims: id, status, organisation, inviter', async () => {
      const other = await buildOrganisation(app, root);
      const id = '019a9d24-8f0a-7c11-9d5b-3e7f1a2b4c5d';
      const claims = { id, invitation_id: id, status: 'ACCEPTED', organization_id: other.id, organisationId: other.id };
      const { body: invited } = await invite({ ...claims, invitedBy: owner.id, token: 'x', sendEmail: false });
      expect(invited).toMatchObject({ status: 'PENDING', organization_id: acme.id });
      expect(invited.invitation_id).not.toBe(id);
      expect(invited).not.toHaveProperty('link');
      expect(await native(invited.invitation_id)).toMatchObject({
        organisation: { id: acme.id },
        invitedBy: { id: admin.id },
        status: 'PENDING',
      });
    });
  });

  describe('sends an open invitation again', () => {
    it('with a new link and the new role; within the cool-down the same is left alone, and another role has to wait', async () => {
      const email = newAddress();
      const first = await invite({ email });
      const old = await app.inbox.token(email);
      const again = await invite({ email: email.toUpperCase(), role: 'ADMIN', given_name: 'Kimberly' });
      expect(again).toMatchObject({ status: 201, body: { given_name: 'Kimberly', role: 'ADMIN' } });
      expect(again.body.invitation_id).toBe(first.body.invitation_id);
      await app.inbox.token(email, 2);
      expect((await app.api.post('/invitations/lookup', { token: old })).status).toBe(410);
      const unsent = await invite({ email, role: 'ADMIN' });
      expect(unsent).toMatchObject({ status: 201, body: { invitation_id: first.body.invitation_id } });
      expect(await native(first.body.invitation_id)).toMatchObject({ sendCount: 2, role: { key: 'ADMIN' } });
      const changed = await invite({ email, role: 'MEMBER' });
      expect(changed.status).toBe(429);
      expect(Number(changed.headers.get('retry-after'))).toBeGreaterThan(0);
      const kim = await join(app, email, 2);
      const { body: memberships } = await app.api.get('/me/memberships', { as: kim });
      expect(memberships.data).toMatchObject([{ role: { key: 'ADMIN' } }]);
    });

    it.each(['Admin', 'Owner', 'Member'])('but not an OWNER by an admin, with the role %s', async (role) => {
      const email = newAddress();
      const { body: invited } = await invite({ email, role: 'Owner' }, { as: owner });
      const before = await native(invited.invitation_id);
      const token = await app.inbox.token(email);
      expect((await invite({ email, role })).status).toBe(403);
      const { delivery: _sentLater, ...after } = await native(invited.invitation_id);
      expect(before).toMatchObject(after);
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
    });
  });

  it('makes invitations like any other: seen, resent, revoked by the native API', async () => {
    const email = newAddress();
    const { body: invited } = await invite({ email, workspace_ids: [project.id] });
    const url = `/invitations/${invited.invitation_id}`;
    const listed = await app.api.get(`/organisations/${acme.id}/invitations?email=${email}`, { as: admin });
    expect(listed.body.data).toMatchObject([{ id: invited.invitation_id, givenName: 'Kim', familyName: 'Lee' }]);
    expect((await app.api.post(`${url}/resend`, {}, { as: admin })).status).toBe(200);
    const token = await app.inbox.token(email, 2);
    expect((await app.api.delete(url, { as: admin })).status).toBe(204);
    expect((await app.api.post('/invitations/lookup', { token })).status).toBe(410);
    const anew = await invite({ email });
    expect(anew.status).toBe(201);
    expect(anew.body.invitation_id).not.toBe(invited.invitation_id);
  });

  describe('refuses', () => {
    it('who says not who they are, or says it in another scheme', async () => {
      const basic = { Authorization: `Basic ${admin.token}` };
      for (const headers of [{}, basic, { Authorization: 'Bearer uss_unknown' }]) {
        const { status, headers: answered } = await invite({}, { headers });
        expect({ status, challenge: answered.get('www-authenticate') }).toEqual({ status: 401, challenge: 'Bearer' });
      }
    });

    it('a plain member before it looks at the body, and shows strangers nothing', async () => {
      const member = await buildMember(app, owner, acme);
      const stranger = await buildMember(app, root, await buildOrganisation(app, root), { role: 'OWNER' });
      const keyOfMember = await makeKey('MEMBER');
      for (const sent of [body(), { role: 'no such role' }, '{"broken', body({ workspace_ids: ['x'] })]) {
        expect((await post(sent, { as: member })).status).toBe(403);
        expect((await post(sent, { as: keyOfMember })).status).toBe(403);
        expect((await post(sent, { as: stranger })).status).toBe(404);
      }
      const nowhere = path('/invitation', '019a9d1e-2b7c-7a40-9c3d-5e8f7a6b1c2d');
      const toStranger = await post(body(), { as: stranger });
      expect(await post(body(), { as: stranger }, nowhere)).toMatchObject({ status: 404, body: toStranger.body });
      expect(await count()).toBe(3);
    });

    it.each([
      ['no body', undefined, ['body', 'given_name']],
      ['broken JSON', '{"email": ', ['body']],
      ['a list', [], ['body']],
      ['no role', { role: undefined }, ['body', 'role']],
      ['a role that is no text', { role: 7 }, ['body', 'role']],
      ['no address', { email: 'kim' }, ['body', 'email']],
      ['two addresses', { email: 'kim@example.com, lee@example.com' }, ['body', 'email']],
      ['no given name', { given_name: null }, ['body', 'given_name']],
      ['a web address as a name', { family_name: 'www.example.com' }, ['body', 'family_name']],
      ['no workspaces', { workspace_ids: null }, ['body', 'workspace_ids']],
      ['a workspace that is no uuid', { workspace_ids: ['website'] }, ['body', 'workspace_ids']],
      ['text that cannot be stored', { workspace_ids: ['a\0'] }, ['body', 'workspace_ids', 0]],
    ])('%s with 422 and says where', async (_what, sent, loc) => {
      const isFields = typeof sent === 'object' && !Array.isArray(sent);
      const answer = await post(isFields ? body(sent) : sent);
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toContainEqual({ loc, msg: expect.any(String), type: expect.any(String) });
    });

    it('an id that is none with 422', async () => {
      const { status, body: refused } = await post(body(), { as: admin }, path('/invitation', 'default'));
      expect(status).toBe(422);
      expect(refused.detail).toMatchObject([{ loc: ['path', 'organization_id'] }]);
    });

    it('a role or workspace that the organisation does not have, and creates nothing', async () => {
      const elsewhere = await buildOrganisation(app, root);
      const foreign = await buildProject(app, root, elsewhere);
      await app.api.post(
        `/organisations/${elsewhere.id}/roles`,
        { key: 'theirs', name: 'Theirs', scope: 'ORGANISATION', permissions: ['members:read'] },
        { as: root },
      );
      const before = await count();
      const foreigners = [{ role: 'No such role' }, { role: 'theirs' }, { workspace_ids: [project.id, foreign.id] }];
      for (const fields of [...foreigners, { role: 'User', workspace_ids: [project.id] }]) {
        expect((await invite(fields)).status).toBe(404);
      }
      expect(await count()).toBe(before);
    });

    it('to give more than the inviter holds', async () => {
      expect((await invite({ role: 'OWNER' })).status).toBe(403);
      const permissions = ['organisation:read', 'invitations:manage'];
      await makeRole({ key: 'recruiter', name: 'Recruiter', scope: 'ORGANISATION', permissions });
      const recruiter = await makeKey('recruiter');
      expect((await invite({ role: 'recruiter', workspace_ids: [project.id] }, { as: recruiter })).status).toBe(403);
      expect((await invite({ role: 'recruiter' }, { as: recruiter })).status).toBe(201);
    });

    it('members with 409, whatever the role, and tells nothing of accounts elsewhere', async () => {
      const member = await buildMember(app, owner, acme);
      for (const role of ['Member', 'Admin']) expect((await invite({ email: member.email, role })).status).toBe(409);
      expect((await invite({ email: member.email, workspace_ids: [project.id] })).status).toBe(409);
      const elsewhere = await buildUser(app, root);
      const known = await invite({ email: elsewhere.email });
      const unknown = await invite();
      const particular = { invitation_id: '', email: '', expires_at: '' };
      expect(known.status).toBe(unknown.status);
      expect({ ...known.body, ...particular }).toEqual({ ...unknown.body, ...particular });
    });

    it('with 402 without a plan or a seat, before it looks for the role', async () => {
      const plan = (fields: object) => app.api.put(`/organisations/${acme.id}/plan`, fields, { as: root });
      const elsewhere = await buildUser(app, root);
      await plan({ invitationsEnabled: true, seatLimit: 4 });
      expect((await invite()).status).toBe(201);
      const full = await invite();
      expect(full.status).toBe(402);
      expect(await invite({ email: elsewhere.email })).toMatchObject({ status: 402, body: full.body });
      await plan({ invitationsEnabled: false, seatLimit: null });
      expect((await invite()).status).toBe(402);
      expect((await invite({ role: 'No such role' })).status).toBe(402);
    });

    it('with 429 above the sending limits', async () => {
      const limits = (invitationsPerInviterPerDay: number) =>
        app.api.patch('/platform', { limits: { invitationsPerInviterPerDay } }, { as: root });
      await limits(1);
      try {
        expect((await invite()).status).toBe(201);
        const refused = await invite();
        expect(refused.status).toBe(429);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      } finally {
        await limits(2000);
      }
    });

    it('with 503 what the database cannot do now', async () => {
      await app.dataSource.query(
        `CREATE FUNCTION be_full() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$`,
      );
      await app.dataSource.query(
        'CREATE TRIGGER full_disk BEFORE INSERT ON invitations FOR EACH ROW EXECUTE FUNCTION be_full()',
      );
      try {
        expect((await invite()).status).toBe(503);
      } finally {
        await app.dataSource.query('DROP TRIGGER full_disk ON invitations; DROP FUNCTION be_full');
      }
      expect((await invite()).status).toBe(201);
    });

    it('what is no JSON, or too much of it, as the rest of Usher does, with a detail', async () => {
      const text = await app.api.post(path(), 'email=kim', { as: admin, headers: { 'Content-Type': 'text/plain' } });
      expect(text).toMatchObject({ status: 415, body: { detail: expect.any(String) } });
      const large = await app.api.post(path(), body({ given_name: 'x'.repeat(1_100_000) }), { as: admin });
      expect(large).toMatchObject({ status: 413, body: { detail: expect.any(String) } });
    });
  });

  describe('lists the roles', () => {
    const roles = (query = '', as = admin) => app.api.get(path(`/roles${query}`), { as });

    it('in pages, forth and back, without a gap', async () => {
      await makeRole({ key: 'zulu', name: 'Zulu', scope: 'ORGANISATION', permissions: ['members:read'] });
      const first = await roles();
      expect(first).toMatchObject({ status: 200, body: { has_more: true, total: 13 } });
      expect(first.body.data).toHaveLength(10);
      const second = await roles(`?after=${first.body.data.at(-1).role_id}&unknown=1`);
      expect(second.body).toMatchObject({ has_more: false, total: 13 });
      expect(first.body.data[0]).toMatchObject({
        key: 'zulu',
        scope: 'ORGANISATION',
        permissions: ['members:read'],
      });
      const back = await roles(`?limit=2&before=${second.body.data[0].role_id}`);
      expect(back.body).toMatchObject({ has_more: true, data: first.body.data.slice(-2) });
      const ids = [...first.body.data, ...second.body.data].map(({ role_id }) => role_id);
      expect(new Set(ids).size).toBe(13);
    });

    it('but not to strangers, nor for what is no page', async () => {
      const stranger = await buildUser(app, root);
      expect(await roles('', stranger)).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
      for (const [query, parameter] of [
        ['limit=0', 'limit'],
        ['before=x', 'before'],
        [`after=${project.id}`, 'after'],
      ]) {
        const { status, body: refused } = await roles(`?${query}`);
        expect(status).toBe(422);
        expect(refused.detail).toMatchObject([{ loc: ['query', parameter] }]);
      }
    });
  });
});
