import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  ERROR,
  USER_INVITATION,
  USER_INVITATION_LIST,
  USER_INVITATION_WITHOUT_LINK,
} from './contracts/activepieces.schema.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer, RequestOptions } from './support/client.js';
import { buildMember, buildOrganisation, buildProject, buildUser, join, newAddress } from './support/factories.js';
import { type Organisation, PASSWORD, type Person, signIn, signInAdmin } from './support/factories.js';

const PATH = '/v1/user-invitations';
const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);

/** What the vendor's schema has against a value; null when nothing. */
function fault(schema: object, value: unknown): unknown {
  const validate = ajv.compile(schema);
  return validate(value) ? null : validate.errors;
}

function expectRefusal(answer: Answer, status: number, code: string): void {
  expect(answer).toMatchObject({ status, body: { code } });
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(fault(ERROR, answer.body)).toBeNull();
}

describe("Activepieces' user invitations", () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let admin: Person;
  let member: Person;
  let project: { id: string };

  const post = (body: unknown, options: RequestOptions = { as: owner }): Promise<Answer> =>
    app.root.post(PATH, body, options);
  const toProject = (fields: object = {}) => ({
    type: 'PROJECT',
    email: newAddress(),
    projectId: project.id,
    projectRole: 'Editor',
    ...fields,
  });
  const toPlatform = (fields: object = {}) => ({
    type: 'PLATFORM',
    email: newAddress(),
    platformRole: 'MEMBER',
    ...fields,
  });
  const list = (query: string, as: string | Person = owner): Promise<Answer> =>
    app.root.get(`${PATH}?${query}`, { as });
  const ofProject = (more = '') => list(`type=PROJECT&projectId=${project.id}${more}`);
  const accept = (invitationToken: string, options?: RequestOptions): Promise<Answer> =>
    app.root.post(`${PATH}/accept`, { invitationToken }, options);
  const native = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body;
  const setPlan = (plan: object) =>
    app.api.put(`/organisations/${acme.id}/plan`, { invitationsEnabled: true, seatLimit: null, ...plan }, { as: root });
  const makeRole = async (fields: object): Promise<{ id: string }> => {
    const role = { scope: 'PROJECT', permissions: ['project:read'], ...fields };
    const { status, body } = await app.api.post(`/organisations/${acme.id}/roles`, role, { as: owner });
    expect(status).toBe(201);
    return body;
  };
  const keyOf = async (role: string): Promise<string> =>
    (await app.api.post(`/organisations/${acme.id}/api-keys`, { name: 'Key', role }, { as: owner })).body.key;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
    admin = await buildMember(app, root, acme, { role: 'ADMIN' });
    member = await buildMember(app, root, acme);
    project = await buildProject(app, owner, acme);
  });
  afterAll(() => app.stop());

  describe('invite', () => {
    it('to a project: a mail arrives, and who accepts it is a member with that role', async () => {
      const body = toProject({ projectRole: 'editor' });
      const invited = await post(body);
      expect(invited.status).toBe(201);
      expect(fault(USER_INVITATION, invited.body)).toBeNull();
      const platformId = invited.body.platformId;
      expect(invited.body).toEqual({
        id: expect.any(String),
        created: expect.any(String),
        updated: expect.any(String),
        email: body.email,
        status: 'PENDING',
        type: 'PROJECT',
        platformId,
        platformRole: null,
        projectId: project.id,
        projectRoleId: '00000000-0000-4000-8000-0000000000b2',
        projectRole: expect.objectContaining({ name: 'Editor', type: 'DEFAULT', platformId: null }),
      });
      const guest = await join(app, body.email, 1);
      const { body: mine } = await app.api.get('/me/memberships', { as: guest });
      expect(mine.data).toMatchObject([
        { organisation: { id: acme.id }, projects: [{ projectId: project.id, role: { key: 'EDITOR' } }] },
      ]);
    });

    it('to the platform', async () => {
      const body = toPlatform({ platformRole: 'OPERATOR' });
      const invited = await post(body, { as: root });
      expect(invited.status).toBe(201);
      expect(fault(USER_INVITATION, invited.body)).toBeNull();
      expect(invited.body).toMatchObject({ type: 'PLATFORM', platformRole: 'OPERATOR', projectRole: null });
      const guest = await join(app, body.email, 1);
      expect((await app.api.get('/me', { as: guest })).body.platformRole).toBe('OPERATOR');
    });

    it("by an own role's name or key, in any case", async () => {
      const role = await makeRole({ key: 'helper-1', name: 'Flow Helper' });
      for (const projectRole of ['flow helper', 'HELPER-1']) {
        const { status, body } = await post(toProject({ projectRole }));
        expect({ status, role: body.projectRole }).toMatchObject({
          status: 201,
          role: { id: role.id, type: 'CUSTOM' },
        });
        expect(body.projectRole.platformId).toBe(body.platformId);
        expect(fault(USER_INVITATION, body)).toBeNull();
      }
    });

    it("takes a role's key before another's name", async () => {
      await makeRole({ key: 'low', name: 'Admin' });
      expect((await post(toProject({ projectRole: 'admin' }))).body.projectRole).toMatchObject({ type: 'DEFAULT' });
    });

    it('under /api too, and with either scheme', async () => {
      for (const scheme of ['Bearer', 'Token']) {
        const headers = { Authorization: `${scheme} ${owner.token}` };
        expect((await app.api.post('/user-invitations', toProject(), { headers })).status).toBe(201);
        expect((await post(toProject(), { headers })).status).toBe(201);
      }
    });

    it("by an organisation's key; the invitation is pending like anyone's", async () => {
      const { status, body } = await post(toProject(), { as: await keyOf('ADMIN') });
      expect({ status, said: body.status }).toEqual({ status: 201, said: 'PENDING' });
      expectRefusal(await post(toProject(), { as: await keyOf('MEMBER') }), 403, 'PERMISSION_DENIED');
      expectRefusal(await post(toPlatform(), { as: await keyOf('ADMIN') }), 403, 'AUTHORIZATION');
    });

    it('ignores what it does not know: nobody chooses id, status, organisation or inviter', async () => {
      const other = await buildOrganisation(app, root);
      const chosen = '019a9d24-8f0a-7c11-9d5b-3e7f1a2b4c5d';
      const wishes = {
        id: chosen,
        status: 'ACCEPTED',
        organisationId: other.id,
        platformId: chosen,
        invitedBy: root.id,
      };
      const { status, body } = await post(toProject({ ...wishes, link: 'x', created: '2000-01-01T00:00:00Z' }));
      expect({ status, said: body.status }).toEqual({ status: 201, said: 'PENDING' });
      expect([body.id, body.platformId]).not.toContain(chosen);
      expect(await native(body.id)).toMatchObject({ organisation: { id: acme.id }, invitedBy: { id: owner.id } });
    });

    it('shows the link only when no mail can be sent', async () => {
      const silent = await startApp({
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://usher.test',
        APP_SECRET: 'Zk3v9Qx7Lm2Rt8Wc5Yb1Nf6Hd4Gs0Jp-production',
        SMTP_URL: '',
        DATA_DIR: 'memory://',
      });
      try {
        const { body, status } = await silent.root.post(PATH, toPlatform(), { as: await signInAdmin(silent) });
        expect(status).toBe(201);
        expect(fault(USER_INVITATION, body)).toBeNull();
        expect(body.link).toMatch(/^https:\/\/usher\.test\/join#token=/);
      } finally {
        await silent.stop();
      }
    });
  });

  describe('invite again', () => {
    it('keeps the id, takes the new role, and kills the old link', async () => {
      const body = toProject();
      const first = await post(body);
      const old = await app.inbox.token(body.email);
      const second = await post({ ...body, projectRole: 'Viewer' });
      expect(second).toMatchObject({ status: 201, body: { id: first.body.id, projectRole: { name: 'Viewer' } } });
      const fresh = await app.inbox.token(body.email, 2);
      expect(fresh).not.toBe(old);
      expectRefusal(await accept(old), 410, 'ENTITY_NOT_FOUND');
      expect((await accept(fresh)).body).toMatchObject({ status: 'ACCEPTED', projectRole: { name: 'Viewer' } });
    });

    it('within the cool-down: the same once more is left alone, a change has to wait', async () => {
      const body = toProject();
      await post(body);
      await app.inbox.newest(body.email); // what has not left is taken back by the next
      await post(body);
      const third = await post(body);
      expect(third.status).toBe(201);
      expect(third.body).not.toHaveProperty('link');
      const changed = await post({ ...body, projectRole: 'Viewer' });
      expectRefusal(changed, 429, 'RATE_LIMIT_EXCEEDED');
      expect(Number(changed.headers.get('retry-after'))).toBeGreaterThan(0);
      await app.inbox.newest(body.email, 2);
      expect(app.inbox.to(body.email)).toHaveLength(2);
    });

    it('lets nobody touch an invitation that gives more than they hold, nor give more', async () => {
      const inviting = await makeRole({
        key: 'inviter',
        name: 'Inviter',
        permissions: ['project:read', 'project-invitations:read', 'project-invitations:manage'],
      });
      const inviter = await buildMember(app, owner, acme, { projects: [{ projectId: project.id, role: inviting.id }] });
      const body = toProject({ projectRole: 'Admin' });
      const { id } = (await post(body)).body;
      const before = await native(id);
      for (const projectRole of ['Viewer', 'Admin']) {
        expectRefusal(await post({ ...body, projectRole }, { as: inviter }), 403, 'PERMISSION_DENIED');
      }
      expect(await native(id)).toEqual({ ...before, delivery: expect.anything() });
      const own = await post(toProject({ projectRole: 'Viewer' }), { as: inviter });
      expect(own.status).toBe(201);
      expectRefusal(await post({ ...toProject(), projectRole: 'Admin' }, { as: inviter }), 403, 'PERMISSION_DENIED');
    });
  });

  describe('refuses', () => {
    it.each([
      ['no type', { type: undefined }],
      ['another type', { type: 'ORGANISATION' }],
      ['no address', { email: undefined }],
      ['what is no address', { email: 'kim' }],
      ['a project left out', { projectId: undefined }],
      ['a role left out', { projectRole: undefined }],
      ['a role that is no text', { projectRole: 7 }],
      ['a platform invitation without a role', { type: 'PLATFORM' }],
      ['a platform role that there is none of', { type: 'PLATFORM', platformRole: 'OWNER' }],
    ])('%s', async (_, fields) => {
      expectRefusal(await post(toProject(fields), { as: root }), 400, 'VALIDATION');
    });

    it('what is no JSON', async () => {
      expectRefusal(await post('{', { as: owner, headers: { 'Content-Type': 'application/json' } }), 400, 'VALIDATION');
    });

    it('who sends no credential, a wrong one, or one of another scheme', async () => {
      for (const authorization of ['', 'Bearer nonsense', `Basic ${owner.token}`]) {
        expectRefusal(await post(toProject(), { headers: { Authorization: authorization } }), 401, 'INVALID_API_KEY');
      }
    });

    it('a project of others as one that does not exist', async () => {
      const elsewhere = await buildProject(app, root, await buildOrganisation(app, root));
      const answers = [];
      for (const projectId of [elsewhere.id, '019a9d1f-5c3e-7b58-8b1f-6d2a4c9e0f11', 'V1StGXR8_Z5jdHi6B-myT']) {
        const answer = await post(toProject({ projectId }));
        expectRefusal(answer, 404, 'ENTITY_NOT_FOUND');
        answers.push(answer.body);
      }
      expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    });

    it('a role that there is none of, but only after the right to invite', async () => {
      const body = toProject({ projectRole: 'Nobody' });
      expectRefusal(await post(body), 404, 'ENTITY_NOT_FOUND');
      expectRefusal(await post(body, { as: member }), 403, 'PERMISSION_DENIED');
    });

    it("another organisation's role by its name", async () => {
      const other = await buildOrganisation(app, root);
      const role = { key: 'theirs', name: 'Theirs', scope: 'PROJECT', permissions: ['project:read'] };
      await app.api.post(`/organisations/${other.id}/roles`, role, { as: root });
      expectRefusal(await post(toProject({ projectRole: 'Theirs' })), 404, 'ENTITY_NOT_FOUND');
    });

    it('the platform to who is not of its staff', async () => {
      expectRefusal(await post(toPlatform(), { as: owner }), 403, 'AUTHORIZATION');
      const operator = await buildUser(app, root, 'OPERATOR');
      expectRefusal(await post(toPlatform(), { as: operator }), 403, 'AUTHORIZATION');
    });

    it('a member who has all of that', async () => {
      const body = toProject();
      await post(body);
      await join(app, body.email, 1);
      expectRefusal(await post(body), 409, 'VALIDATION');
    });

    it('without the plan, and before it looks for the role', async () => {
      await setPlan({ invitationsEnabled: false });
      expectRefusal(await post(toProject({ projectRole: 'Nobody' })), 402, 'FEATURE_DISABLED');
    });

    it('without a seat, whether or not the address has an account elsewhere', async () => {
      await setPlan({ seatLimit: 1 });
      const stranger = await buildUser(app, root);
      const answers = [await post(toProject()), await post(toProject({ email: stranger.email }))];
      for (const answer of answers) expectRefusal(answer, 402, 'QUOTA_EXCEEDED');
      expect(answers[0].body).toEqual(answers[1].body);
    });
  });

  it('tells nothing about accounts elsewhere', async () => {
    const stranger = await buildUser(app, root);
    const [known, unknown] = [await post(toProject({ email: stranger.email })), await post(toProject())];
    const unequal = { id: '', created: '', updated: '', email: '' };
    expect({ status: known.status, ...known.body, ...unequal }).toEqual({
      status: unknown.status,
      ...unknown.body,
      ...unequal,
    });
  });

  describe('list', () => {
    it('has the open ones in pages, or the accepted ones, never a link', async () => {
      const bodies = [toProject(), toProject(), toProject()];
      for (const body of bodies) await post(body);
      await join(app, bodies[0].email, 1);
      const first = await ofProject('&limit=1');
      expect(first.status).toBe(200);
      expect(fault(USER_INVITATION_LIST, first.body)).toBeNull();
      const second = await ofProject(`&limit=1&cursor=${first.body.next}`);
      const emails = [...first.body.data, ...second.body.data].map(({ email }) => email);
      expect(emails).toEqual([bodies[2].email, bodies[1].email]);
      expect(second.body.next).toBeNull();
      const accepted = await ofProject('&status=ACCEPTED&sort=whatever');
      expect(accepted.body.data).toMatchObject([{ email: bodies[0].email, status: 'ACCEPTED' }]);
      expect(fault(USER_INVITATION_LIST, accepted.body)).toBeNull();
    });

    it('leaves out what was revoked or has lapsed, and what is not of the project', async () => {
      const [revoked, lapsed] = [(await post(toProject())).body, (await post(toProject())).body];
      await app.api.delete(`/invitations/${revoked.id}`, { as: owner });
      await app.dataSource.query(`UPDATE invitations SET expires_at = now() WHERE id = $1`, [lapsed.id]);
      await app.api.post(
        `/organisations/${acme.id}/invitations`,
        { email: newAddress(), role: 'MEMBER' },
        { as: owner },
      );
      expect((await ofProject()).body).toEqual({ data: [], next: null, previous: null });
      for (const { id } of [revoked, lapsed]) {
        expectRefusal(await app.root.delete(`${PATH}/${id}`, { as: owner }), 404, 'ENTITY_NOT_FOUND');
      }
    });

    it("of all projects, to an organisation's key alone", async () => {
      const other = await buildProject(app, owner, acme);
      await post(toProject());
      await post(toProject({ projectId: other.id }));
      await app.api.post(
        `/organisations/${acme.id}/invitations`,
        { email: newAddress(), role: 'MEMBER' },
        { as: owner },
      );
      const all = await list('type=PROJECT', await keyOf('ADMIN'));
      expect(all.body.data.map((each: { projectId: string }) => each.projectId)).toEqual([other.id, project.id]);
      expectRefusal(await list('type=PROJECT', await keyOf('MEMBER')), 403, 'PERMISSION_DENIED');
      expectRefusal(await list('type=PROJECT'), 400, 'VALIDATION');
    });

    it('of the platform, to its staff', async () => {
      const { id } = (await post(toPlatform(), { as: root })).body;
      expect((await list('type=PLATFORM', root)).body.data).toContainEqual(expect.objectContaining({ id }));
      expectRefusal(await list('type=PLATFORM'), 403, 'AUTHORIZATION');
    });

    it('refuses no type, strangers and plain members', async () => {
      expectRefusal(await list(`projectId=${project.id}`), 400, 'VALIDATION');
      expectRefusal(await ofProject('&limit=101'), 400, 'VALIDATION');
      const query = `type=PROJECT&projectId=${project.id}`;
      expectRefusal(await list(query, member), 403, 'PERMISSION_DENIED');
      expectRefusal(await list(query, await buildUser(app, root)), 404, 'ENTITY_NOT_FOUND');
    });
  });

  describe('delete', () => {
    it('kills the link, once', async () => {
      const body = toProject();
      const { id } = (await post(body)).body;
      const token = await app.inbox.token(body.email);
      expect(await app.root.delete(`${PATH}/${id}`, { as: owner })).toMatchObject({ status: 204, body: '' });
      expectRefusal(await accept(token), 410, 'ENTITY_NOT_FOUND');
      expectRefusal(await app.root.delete(`${PATH}/${id}`, { as: owner }), 404, 'ENTITY_NOT_FOUND');
    });

    it('refuses strangers, members, what is no id, what was accepted and what it never shows', async () => {
      const body = toProject();
      const { id } = (await post(body)).body;
      const remove = (path: string, as: Person): Promise<Answer> => app.root.delete(`${PATH}/${path}`, { as });
      expectRefusal(await remove(id, await buildUser(app, root)), 404, 'ENTITY_NOT_FOUND');
      expectRefusal(await remove(id, member), 403, 'PERMISSION_DENIED');
      expectRefusal(await remove('V1StGXR8_Z5jdHi6B-myT', owner), 404, 'ENTITY_NOT_FOUND');
      await join(app, body.email, 1);
      expectRefusal(await remove(id, owner), 409, 'VALIDATION');
      const invitation = { email: newAddress(), role: 'MEMBER' };
      const other = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
      expectRefusal(await remove(other.body.id, owner), 404, 'ENTITY_NOT_FOUND');
      expect((await native(other.body.id)).status).toBe('PENDING');
    });

    it('under /api too', async () => {
      const { id } = (await post(toProject())).body;
      expect((await app.api.delete(`/user-invitations/${id}`, { as: owner })).status).toBe(204);
    });
  });

  describe('accept', () => {
    it('makes an account without password or session; a password reset sets one', async () => {
      const body = toProject();
      await post(body);
      const answer = await accept(await app.inbox.token(body.email));
      expect(answer).toMatchObject({ status: 200, body: { email: body.email, status: 'ACCEPTED' } });
      expect(fault(USER_INVITATION_WITHOUT_LINK, answer.body)).toBeNull();
      const [{ sessions }] = await app.dataSource.query(
        `SELECT count(*)::int AS sessions FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1`,
        [body.email],
      );
      expect(sessions).toBe(0);
      for (const password of [PASSWORD, '']) {
        const signedIn = await app.api.post('/auth/sign-in', { email: body.email, password });
        expect(signedIn.status).toBeGreaterThanOrEqual(400);
      }
      await app.api.post('/auth/password-resets', { email: body.email });
      const token = await app.inbox.token(body.email, 2);
      expect((await app.api.post('/auth/password-resets/confirm', { token, password: PASSWORD })).status).toBe(204);
      const guest = await signIn(app, body.email);
      const { body: mine } = await app.api.get('/me/memberships', { as: guest });
      expect(mine.data).toMatchObject([{ projects: [{ projectId: project.id, role: { key: 'EDITOR' } }] }]);
    });

    it('asks who has an account to sign in as it, and answers again when asked again', async () => {
      const guest = await buildUser(app, root);
      const { id } = (await post(toProject({ email: guest.email }))).body;
      const token = await app.inbox.token(guest.email, 2);
      expectRefusal(await accept(token), 401, 'AUTHENTICATION');
      expectRefusal(await accept(token, { as: member }), 403, 'AUTHORIZATION');
      expectRefusal(await accept(token, { as: await keyOf('ADMIN') }), 403, 'AUTHORIZATION');
      for (const time of ['first', 'again']) {
        expect({ time, ...(await accept(token, { as: guest })) }).toMatchObject({
          status: 200,
          body: { id, status: 'ACCEPTED' },
        });
      }
      expectRefusal(await accept(token), 410, 'ENTITY_NOT_FOUND');
    });

    it('refuses unknown tokens, none at all, and those to an organisation', async () => {
      expectRefusal(await accept('nonsense'), 410, 'ENTITY_NOT_FOUND');
      expectRefusal(await app.root.post(`${PATH}/accept`, {}), 400, 'VALIDATION');
      const email = newAddress();
      await app.api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: owner });
      expectRefusal(await accept(await app.inbox.token(email)), 410, 'ENTITY_NOT_FOUND');
      await join(app, email, 1);
    });
  });

  it('is one invitation with that of the native API: seen, resent, revoked there', async () => {
    const body = toProject();
    const { id } = (await post(body, { as: admin })).body;
    expect(await native(id)).toMatchObject({ type: 'PROJECT', email: body.email, invitedBy: { id: admin.id } });
    expect((await app.api.post(`/invitations/${id}/resend`, {}, { as: owner })).status).toBe(200);
    await app.inbox.newest(body.email, 2);
    expect((await app.api.delete(`/invitations/${id}`, { as: owner })).status).toBe(204);
    expect((await ofProject()).body.data).toEqual([]);
    expect((await post(body)).body.id).not.toBe(id);
  });
});
