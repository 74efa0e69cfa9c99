import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  CREATED,
  EXAMPLE_REQUESTS,
  ID_SCHEMA,
  INVITATION,
  INVITATION_REQUEST,
  INVITATIONS,
} from './contracts/wiremock.schema.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  join,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';

/** RFC 9457: WireMock publishes no errors, so ours are the native ones. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    requestId: { type: 'string' },
  },
};

const ENTITIES = ['mock_api', 'api_template', 'api_template_catalogue', 'data_source', 'key'];
const FITTING = [
  ['team', 'team_member', 'MEMBER'],
  ['team', 'team_admin', 'ADMIN'],
  ...ENTITIES.flatMap((kind) =>
    ['user', 'editor', 'admin'].map((role) => [kind, `${kind}_${role}`, role.toUpperCase()]),
  ),
];

const ajv = addFormats.default(new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }));

function expectContract(schema: object, value: unknown): void {
  const isValid = ajv.validate(schema, value);
  expect({ isValid, errors: ajv.errors, value }).toEqual({ isValid: true, errors: null, value });
}

describe("WireMock's invitations", () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let admin: Person;

  const path = (rest = '', organisation = acme.shortId) => `/v1/organisations/${organisation}/invitations${rest}`;
  const invite = (fields: object = {}, as: string | { token: string } = admin, where = path()): Promise<Answer> => {
    const invitation = { role: 'organisation_member', recipientEmailAddress: newAddress(), ...fields };
    return app.root.post(where, { invitation }, { as });
  };
  const native = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body;
  const list = async (query = ''): Promise<{ id: string }[]> =>
    (await app.root.get(path(query), { as: admin })).body.invitations;
  const expectProblem = (answer: Answer, status: number, code: string): void => {
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expectContract(PROBLEM, answer.body);
  };
  const expectMisfit = (answer: Answer): void => {
    expectProblem(answer, 400, 'validation_failed');
    expect(answer.body.errors).toMatchObject([{ pointer: '#/invitation/role' }]);
  };
  const count = async (): Promise<unknown> =>
    app.dataSource.query(
      'SELECT (SELECT count(*) FROM invitations)::int AS invitations, (SELECT count(*) FROM mail_messages)::int AS mails',
    );

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
    admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
  });
  afterAll(() => app.stop());

  describe('are made', () => {
    it('of the examples of the page, answered as the page says, and let the person in', async () => {
      expectContract(ID_SCHEMA, acme.shortId);
      expectContract(INVITATION_REQUEST, EXAMPLE_REQUESTS.main);
      const created = await app.root.post(path('?q=docs@example.com'), EXAMPLE_REQUESTS.main, { as: admin });
      expect(created.status).toBe(201);
      expectContract(INVITATION, created.body);
      const { invitation } = created.body;
      expect(created.body).toEqual({
        invitation: {
          id: expect.any(String),
          senderId: admin.id,
          recipientEmailAddress: 'docsmember2@example.com',
          newUser: true,
          role: 'organisation_admin',
          created: expect.stringMatching(CREATED),
          links: { self: path(`/${invitation.id}`) },
        },
      });
      const joined = await join(app, 'docsmember2@example.com', 1);
      const { body } = await app.api.get(`/organisations/${acme.id}/members/${joined.id}`, { as: owner });
      expect(body.role.key).toBe('ADMIN');
    });

    it('with an entity, as the second example, and let the person into it', async () => {
      const team = await buildProject(app, owner, acme, { kind: 'team' });
      const request = EXAMPLE_REQUESTS.withAclObject(team.id);
      request.invitation.recipientEmailAddress = newAddress();
      expectContract(INVITATION_REQUEST, request);
      const created = await app.root.post(path(), request, { as: admin });
      expect(created.status).toBe(201);
      expectContract(INVITATION, created.body);
      expect(created.body.invitation).toMatchObject({ role: 'team_member', aclObjectId: team.id, newUser: true });
      expect(await native(created.body.invitation.id)).toMatchObject({ type: 'PROJECT', role: null });
      const joined = await join(app, request.invitation.recipientEmailAddress, 1);
      const { body } = await app.api.get('/me/memberships', { as: joined });
      expect(body.data).toMatchObject([
        {
          organisation: { id: acme.id },
          role: { key: 'MEMBER' },
          projects: [{ projectId: team.id, role: { key: 'MEMBER' } }],
        },
      ]);
    });

    it.each(FITTING)('in a %s as %s', async (kind, role, key) => {
      const project = await buildProject(app, owner, acme, { kind });
      const { status, body } = await invite({ role, aclObjectId: project.id.toUpperCase() });
      expect(status).toBe(201);
      expectContract(INVITATION, body);
      expect(body.invitation).toMatchObject({ role, aclObjectId: project.id });
      expect(await native(body.invitation.id)).toMatchObject({
        projects: [{ projectId: project.id, role: { key, name: expect.any(String) } }],
      });
    });

    it('with an aclObjectId of null, as without one', async () => {
      const { status, body } = await invite({ aclObjectId: null });
      expect(status).toBe(201);
      expect(body.invitation).not.toHaveProperty('aclObjectId');
    });

    it('under either id, and link to themselves as they were called', async () => {
      for (const called of [acme.id, acme.shortId, acme.id.toUpperCase()]) {
        const { status, body } = await invite({}, admin, path('', called));
        expect(status).toBe(201);
        const { self } = body.invitation.links;
        expect(self).toBe(path(`/${body.invitation.id}`, called));
        const shown = await app.root.get(self, { as: admin });
        expect(shown).toMatchObject({ status: 200, body });
        expectContract(INVITATION, shown.body);
      }
    });

    it('with the scheme Token, and by a key of the organisation, which is the sender', async () => {
      const { body: key } = await app.api.post(
        `/organisations/${acme.id}/api-keys`,
        { name: 'WireMock client', role: 'ADMIN' },
        { as: owner },
      );
      const body = { invitation: { role: 'organisation_member', recipientEmailAddress: newAddress() } };
      const created = await app.root.post(path(), body, { headers: { Authorization: `Token ${key.key}` } });
      expect(created).toMatchObject({ status: 201, body: { invitation: { senderId: key.id } } });
      expectContract(INVITATION, created.body);
      await join(app, body.invitation.recipientEmailAddress, 1);
    });

    it('with the link in the answer where no mail can leave, for who may see it', async () => {
      const offline = await startApp({
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://usher.test',
        APP_SECRET: 'Zk3v9Qx7Lm2Rt8Wc5Yb1Nf6Hd4Gs0Jp-production',
        SMTP_URL: '',
        DATA_DIR: 'memory://',
      });
      const as = await signInAdmin(offline);
      const { shortId } = await buildOrganisation(offline, as);
      const invitation = { role: 'organisation_member', recipientEmailAddress: newAddress() };
      const { body } = await offline.root.post(path('', shortId), { invitation }, { as });
      expectContract(INVITATION, body);
      const { link, ...shown } = body.invitation;
      const [, token] = link.split('#token=');
      expect((await offline.root.get(shown.links.self, { as })).body.invitation).toEqual(shown);
      expect((await offline.api.post('/invitations/accept', { token, password: PASSWORD })).status).toBe(200);
      await offline.stop();
    });

    it('once for an Idempotency-Key', async () => {
      const invitation = { role: 'organisation_member', recipientEmailAddress: newAddress() };
      const send = () =>
        app.root.post(path(), { invitation }, { as: admin, headers: { 'Idempotency-Key': acme.shortId } });
      const first = await send();
      const second = await send();
      expect(second.body).toEqual(first.body);
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect((await native(first.body.invitation.id)).sendCount).toBe(1);
    });

    it('with fields that are not theirs ignored: nobody chooses id, status, sender or organisation', async () => {
      const elsewhere = await buildOrganisation(app, root);
      const chosen = {
        id: owner.id,
        status: 'ACCEPTED',
        senderId: owner.id,
        invitedBy: owner.id,
        organisationId: elsewhere.id,
        newUser: false,
        token: 'a'.repeat(43),
        expiresInHours: 720,
        sendEmail: false,
        links: { self: '/elsewhere' },
        created: '2020-01-01T00:00:00.000000Z',
      };
      const invitation = { role: 'organisation_member', recipientEmailAddress: newAddress(), ...chosen };
      const { status, body } = await app.root.post(
        path('?organisationId=x&q=1&q=2'),
        { ...chosen, invitation },
        { as: admin },
      );
      expect(status).toBe(201);
      expect(body.invitation).not.toMatchObject({ id: owner.id });
      expect(body.invitation).toMatchObject({ senderId: admin.id, newUser: true });
      const { organisation, expiresAt, createdAt, ...made } = await native(body.invitation.id);
      expect(made).toMatchObject({ status: 'PENDING', invitedBy: { id: admin.id }, delivery: expect.anything() });
      expect(organisation.id).toBe(acme.id);
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(168 * 3_600_000);
      await app.inbox.newest(invitation.recipientEmailAddress);
    });
  });

  describe('are refused', () => {
    it('without a credential, with a wrong one, and with a scheme that is none', async () => {
      const body = { invitation: { role: 'nonsense' } };
      const headers: Record<string, string>[] = [
        {},
        { Authorization: 'Token nobody' },
        { Authorization: `Basic ${admin.token}` },
      ];
      for (const each of headers) {
        expectProblem(await app.root.post(path(), body, { headers: each }), 401, 'unauthenticated');
        expectProblem(await app.root.get(path(), { headers: each }), 401, 'unauthenticated');
      }
    });

    it('to a plain member, whatever the body says', async () => {
      const member = await buildMember(app, owner, acme);
      expectProblem(await invite({}, member), 403, 'forbidden');
      expectProblem(await invite({ role: 'jester' }, member), 403, 'forbidden');
      expectProblem(await app.root.post(path(), '{', { as: member }), 403, 'forbidden');
      expectProblem(await app.root.get(path(), { as: member }), 403, 'forbidden');
    });

    it('to strangers, and where there is no organisation: both look the same', async () => {
      const stranger = await buildUser(app, root);
      for (const where of [path(), path('', acme.id), path('', 'mgk7g'), path('', '22222222'), path('', owner.id)]) {
        expectProblem(await invite({}, stranger, where), 404, 'not_found');
        expectProblem(await app.root.get(where, { as: stranger }), 404, 'not_found');
      }
    });

    it('with bodies that are not valid, naming the field', async () => {
      const wrong: [unknown, string[]][] = [
        [{}, ['#/invitation']],
        [{ invitation: null }, ['#/invitation']],
        [{ invitation: [] }, ['#/invitation']],
        [{ invitation: {} }, ['#/invitation/role', '#/invitation/recipientEmailAddress']],
        [{ invitation: { role: 'organisation_owner', recipientEmailAddress: 'a@example.com' } }, ['#/invitation/role']],
        [
          { invitation: { role: 'team_member', aclObjectId: 7, recipientEmailAddress: 'a@example.com' } },
          ['#/invitation/aclObjectId'],
        ],
        [
          { invitation: { role: 'organisation_admin', recipientEmailAddress: 'nobody' } },
          ['#/invitation/recipientEmailAddress'],
        ],
      ];
      for (const [body, pointers] of wrong) {
        const answer = await app.root.post(path(), body, { as: admin });
        expectProblem(answer, 400, 'validation_failed');
        const named = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
        expect({ body, named: named.sort() }).toEqual({ body, named: pointers.sort() });
      }
      expectProblem(await app.root.post(path(), '{', { as: admin }), 400, 'malformed_json');
    });

    it('with a role that does not fit the entity, and nothing is made', async () => {
      const team = await buildProject(app, owner, acme, { kind: 'team' });
      const plain = await buildProject(app, owner, acme);
      const odd = await buildProject(app, owner, acme, { kind: 'organisation' });
      const before = await count();
      for (const role of ['mock_api_user', 'key_admin', 'organisation_admin'])
        expectMisfit(await invite({ role, aclObjectId: team.id }));
      expectMisfit(await invite({ role: 'team_member' }));
      expectMisfit(await invite({ role: 'team_member', aclObjectId: null }));
      expectMisfit(await invite({ role: 'team_member', aclObjectId: plain.id }));
      expectMisfit(await invite({ role: 'organisation_admin', aclObjectId: odd.id }));
      expect(await count()).toEqual(before);
    });

    it('into what is no entity of this organisation, and nothing is made', async () => {
      const elsewhere = await buildOrganisation(app, root);
      const foreign = await buildProject(app, root, elsewhere, { kind: 'team' });
      const before = await count();
      for (const aclObjectId of ['8ndxc', '', foreign.id, acme.id]) {
        const refused = await invite({ role: 'team_member', aclObjectId });
        expectProblem(refused, 404, 'project_not_found');
        expect(refused.body.detail).toBe('The organisation has no project with this aclObjectId.');
      }
      expect(await count()).toEqual(before);
    });

    it('for somebody who has that role already, or is suspended; not for more than they have', async () => {
      const member = await buildMember(app, owner, acme);
      const recipientEmailAddress = member.email;
      expectProblem(await invite({ recipientEmailAddress }), 409, 'already_member');
      const more = await invite({ recipientEmailAddress, role: 'organisation_admin' });
      expect(more).toMatchObject({ status: 201, body: { invitation: { newUser: false } } });
      const suspended = await buildMember(app, owner, acme);
      await app.api.put(
        `/organisations/${acme.id}/members/${suspended.id}/status`,
        { status: 'SUSPENDED' },
        { as: owner },
      );
      const again = { recipientEmailAddress: suspended.email, role: 'organisation_admin' };
      expectProblem(await invite(again), 409, 'already_member');
    });

    it('when inviting is not in the plan, or no seat is left', async () => {
      const plan = (fields: object) => app.api.put(`/organisations/${acme.id}/plan`, fields, { as: root });
      await plan({ invitationsEnabled: true, seatLimit: 4 });
      const first = await invite();
      expect(first.status).toBe(201);
      const full = await invite();
      expectProblem(full, 402, 'seat_limit_reached');
      expect(full.body).toMatchObject({ limit: 4, members: 3, pending: 1 });
      const { recipientEmailAddress } = first.body.invitation;
      expect((await invite({ recipientEmailAddress })).status).toBe(201);
      await plan({ invitationsEnabled: false, seatLimit: null });
      expectProblem(await invite(), 402, 'invitations_not_in_plan');
      expectProblem(await invite({ recipientEmailAddress }), 402, 'invitations_not_in_plan');
    });

    it('beyond the limit of a day, with the time to wait', async () => {
      const set = (limits: object) => app.api.patch('/platform', { limits }, { as: root });
      await set({ invitationsPerInviterPerDay: 1 });
      expect((await invite()).status).toBe(201);
      const refused = await invite();
      await set({ invitationsPerInviterPerDay: 2000 });
      expectProblem(refused, 429, 'sending_limit_reached');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('in the same way for an address with an account elsewhere as for one without', async () => {
      const elsewhere = await buildOrganisation(app, root);
      const known = await buildMember(app, root, elsewhere);
      const answers = [known.email, newAddress()].map(async (recipientEmailAddress) => {
        const made = await invite({ recipientEmailAddress });
        const again = await invite({ recipientEmailAddress });
        const other = await invite({ recipientEmailAddress, role: 'organisation_admin' });
        const { id: _id, created: _created, links: _links, recipientEmailAddress: _to, ...rest } = made.body.invitation;
        return { statuses: [made, again, other].map(({ status }) => status), rest };
      });
      const [ofKnown, ofUnknown] = await Promise.all(answers);
      expect(ofKnown).toEqual(ofUnknown);
      expect(ofKnown).toMatchObject({ statuses: [201, 201, 429], rest: { newUser: true } });
    });
  });

  describe('made again', () => {
    it('are the same one with a new mail, and the old link is dead', async () => {
      const recipientEmailAddress = newAddress();
      const first = await invite({ recipientEmailAddress });
      const old = await app.inbox.token(recipientEmailAddress);
      const second = await invite(
        { recipientEmailAddress: recipientEmailAddress.toUpperCase(), role: 'organisation_admin' },
        owner,
      );
      expect(second.status).toBe(201);
      expectContract(INVITATION, second.body);
      const { id, created } = first.body.invitation;
      expect(second.body.invitation).toMatchObject({ id, created, role: 'organisation_admin', senderId: owner.id });
      const fresh = await app.inbox.token(recipientEmailAddress, 2);
      expect((await app.api.post('/invitations/lookup', { token: old })).status).toBe(410);
      expect((await app.api.post('/invitations/lookup', { token: fresh })).body.role).toBe('Admin');
    });

    it('within the cool-down are left as they are, and refused when they give something else', async () => {
      const recipientEmailAddress = newAddress();
      const first = await invite({ recipientEmailAddress });
      await app.inbox.newest(recipientEmailAddress); // what has not left is taken back by the next
      await invite({ recipientEmailAddress });
      const token = await app.inbox.token(recipientEmailAddress, 2);
      const third = await invite({ recipientEmailAddress });
      expect(third).toMatchObject({ status: 201, body: { invitation: { id: first.body.invitation.id } } });
      const refused = await invite({ recipientEmailAddress, role: 'organisation_admin' });
      expectProblem(refused, 429, 'resend_cooldown');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await native(first.body.invitation.id)).toMatchObject({ sendCount: 2, role: { key: 'MEMBER' } });
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
    });

    it('by an admin cannot touch what gives more than they hold', async () => {
      const email = newAddress();
      const { body } = await app.api.post(
        `/organisations/${acme.id}/invitations`,
        { email, role: 'OWNER' },
        { as: owner },
      );
      const before = await native(body.id);
      for (const role of ['organisation_member', 'organisation_admin'])
        expectProblem(await invite({ recipientEmailAddress: email, role }), 403, 'above_ceiling');
      expectProblem(await app.root.delete(path(`/${body.id}`), { as: admin }), 403, 'above_ceiling');
      expect(await native(body.id)).toEqual({ ...before, delivery: expect.anything() });
      const token = await app.inbox.token(email);
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
    });

    it('after they lapsed are new ones', async () => {
      const recipientEmailAddress = newAddress();
      const first = await invite({ recipientEmailAddress });
      await app.dataSource.query(`UPDATE invitations SET expires_at = now() WHERE id = $1`, [first.body.invitation.id]);
      const second = await invite({ recipientEmailAddress });
      expect(second.status).toBe(201);
      expect(second.body.invitation.id).not.toBe(first.body.invitation.id);
      expect((await list()).map(({ id }) => id)).toEqual([second.body.invitation.id]);
    });

    it('at the same instant are one', async () => {
      const recipientEmailAddress = newAddress();
      const answers = await Promise.all(Array.from({ length: 5 }, () => invite({ recipientEmailAddress })));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
      expect(new Set(answers.map(({ body }) => body.invitation.id)).size).toBe(1);
    });
  });

  describe('are listed', () => {
    it('while they are open, newest first, those to entities as well', async () => {
      const team = await buildProject(app, owner, acme, { kind: 'team' });
      const [kept, accepted, revoked] = [await invite(), await invite(), await invite()];
      const inTeam = await invite({ role: 'team_admin', aclObjectId: team.id });
      await join(app, accepted.body.invitation.recipientEmailAddress, 1);
      await app.root.delete(revoked.body.invitation.links.self, { as: admin });
      const { status, body } = await app.root.get(path(), { as: admin });
      expect(status).toBe(200);
      expectContract(INVITATIONS, body);
      expect(body).toEqual({ invitations: [inTeam.body.invitation, kept.body.invitation] });
      for (const ended of [accepted, revoked])
        expectProblem(await app.root.get(ended.body.invitation.links.self, { as: admin }), 404, 'not_found');
    });

    it('by a part of the address, literally', async () => {
      const recipientEmailAddress = newAddress('under_score');
      const { body } = await invite({ recipientEmailAddress });
      await invite({ recipientEmailAddress: newAddress('underxscore') });
      for (const q of ['under_score', 'UNDER_', recipientEmailAddress])
        expect((await list(`?q=${q}`)).map(({ id }) => id)).toEqual([body.invitation.id]);
      for (const q of ['%25', 'nobody']) expect(await list(`?q=${q}`)).toEqual([]);
      expect(await list('?q=')).toHaveLength(2);
      expect(await list('?page=7')).toHaveLength(2);
    });

    it('all of them, more than a page of the native API', async () => {
      const invitations = Array.from({ length: 120 }, () => ({ email: newAddress(), role: 'MEMBER' }));
      const bulk = await Promise.all(
        invitations.map((each) => app.api.post(`/organisations/${acme.id}/invitations`, each, { as: owner })),
      );
      expect(new Set(bulk.map(({ status }) => status))).toEqual(new Set([201]));
      expect(await list()).toHaveLength(120);
    });

    it('with the nearest word when they were made in other words', async () => {
      const project = await buildProject(app, owner, acme);
      const team = await buildProject(app, owner, acme, { kind: 'team' });
      const make = async (where: string, role: string): Promise<object> => {
        const { body } = await app.api.post(`${where}/invitations`, { email: newAddress(), role }, { as: owner });
        const { body: shown } = await app.root.get(path(`/${body.id}`), { as: admin });
        expectContract(INVITATION, shown);
        const { role: word, aclObjectId } = shown.invitation;
        return { word, aclObjectId };
      };
      const inOrganisation = `/organisations/${acme.id}`;
      expect(await make(inOrganisation, 'OWNER')).toEqual({ word: 'organisation_admin' });
      expect(await make(inOrganisation, 'MEMBER')).toEqual({ word: 'organisation_member' });
      expect(await make(`/projects/${project.id}`, 'ADMIN')).toEqual({ word: 'organisation_member' });
      expect(await make(`/projects/${team.id}`, 'VIEWER')).toEqual({ word: 'organisation_member' });
      expect(await make(`/projects/${team.id}`, 'ADMIN')).toEqual({ word: 'team_admin', aclObjectId: team.id });
    });
  });

  describe('and the native API', () => {
    it('see, resend and revoke the same ones', async () => {
      const { body } = await invite();
      const { id, recipientEmailAddress } = body.invitation;
      expect(await native(id)).toMatchObject({ email: recipientEmailAddress, type: 'ORGANISATION', status: 'PENDING' });
      await app.inbox.newest(recipientEmailAddress); // one that is still queued would be taken back
      expect((await app.api.post(`/invitations/${id}/resend`, {}, { as: owner })).status).toBe(200);
      await app.inbox.newest(recipientEmailAddress, 2);
      expect((await app.root.get(body.invitation.links.self, { as: admin })).body.invitation.senderId).toBe(owner.id);
      expect((await app.api.delete(`/invitations/${id}`, { as: owner })).status).toBe(204);
      expect(await list()).toEqual([]);
    });

    it('accept what was made here, for a person who has an account', async () => {
      const person = await buildUser(app, root);
      await invite({ recipientEmailAddress: person.email });
      const token = await app.inbox.token(person.email, 2);
      const anonymous = await app.api.post('/invitations/accept', { token, password: PASSWORD });
      expect(anonymous.status).toBe(401);
      expect((await app.api.post('/invitations/accept', { token }, { as: person })).status).toBe(200);
    });
  });

  describe('are revoked', () => {
    it('by their link to themselves: their own link is dead', async () => {
      const { body } = await invite();
      const token = await app.inbox.token(body.invitation.recipientEmailAddress);
      const { self } = body.invitation.links;
      expect(await app.root.delete(self, { as: admin })).toMatchObject({ status: 204, body: '' });
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(410);
      expectProblem(await app.root.delete(self, { as: admin }), 409, 'invitation_not_pending');
    });

    it('in their own organisation alone', async () => {
      const elsewhere = await buildOrganisation(app, root);
      const foreign = await invite({}, root, path('', elsewhere.shortId));
      const { id } = foreign.body.invitation;
      for (const as of [admin, root]) {
        for (const rest of [`/${id}`, `/${owner.id}`, '/neqek']) {
          expectProblem(await app.root.get(path(rest), { as }), 404, 'not_found');
          expectProblem(await app.root.delete(path(rest), { as }), 404, 'not_found');
        }
      }
      expect((await app.root.get(path(`/${id}`, elsewhere.id), { as: root })).status).toBe(200);
    });
  });
});
