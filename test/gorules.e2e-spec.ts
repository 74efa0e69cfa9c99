import { randomUUID } from 'node:crypto';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { INVITATION, INVITATION_PAGE, INVITATIONS, PROBLEM, USER_PAGE } from './contracts/gorules.schema.js';
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

function expectShape(schema: object, { body }: Answer): void {
  const validate = ajv.compile(schema);
  expect({ body, errors: validate(body) ? null : validate.errors }).toEqual({ body, errors: null });
}

describe('the invitation API of GoRules', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;

  const post = (emails: unknown, as: RequestOptions['as'] = owner, query = ''): Promise<Answer> =>
    app.root.post(`/api/users${query}`, { emails }, { as });
  const send = (userId: string, as: RequestOptions['as'] = owner, query = ''): Promise<Answer> =>
    app.root.post(`/api/users/${userId}/invitation${query}`, undefined, { as });
  const list = (path: string, as: RequestOptions['as'] = owner): Promise<Answer> => app.root.get(`/api${path}`, { as });
  const invite = async (email = newAddress()): Promise<{ id: string; userId: string; email: string }> =>
    (await post([email])).body[0];
  const natively = async (fields: object = {}): Promise<Answer['body']> =>
    (
      await app.api.post(
        `/organisations/${acme.id}/invitations`,
        { email: newAddress(), role: 'MEMBER', ...fields },
        { as: owner },
      )
    ).body;
  const native = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: root })).body;
  const keyOf = async (role = 'ADMIN'): Promise<string> =>
    (await app.api.post(`/organisations/${acme.id}/api-keys`, { name: 'Key', role }, { as: owner })).body.key;
  const rows = async (): Promise<unknown> =>
    app.dataSource.query('SELECT * FROM invitations WHERE organisation_id = $1 ORDER BY id', [acme.id]);
  const expectProblem = (answer: Answer, status: number, code: string): void => {
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expectShape(PROBLEM, answer);
  };

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
  });
  afterAll(() => app.stop());

  describe('POST /api/users/{userId}/invitation', () => {
    it('sends the mail again, with a new link that lets in as MEMBER', async () => {
      const { id, userId, email } = await invite();
      const old = await app.inbox.token(email);
      const sent = await send(userId);
      expect(sent).toMatchObject({ status: 200, body: { id, email, status: 'pending', userId } });
      expectShape(INVITATION, sent);
      await app.inbox.newest(email, 2);
      expect((await app.api.post('/invitations/lookup', { token: old })).status).toBe(410);
      const person = await join(app, email, 2);
      const member = await app.api.get(`/organisations/${acme.id}/members/${person.id}`, { as: owner });
      expect(member.body).toMatchObject({ user: { email }, role: { key: 'MEMBER' }, status: 'ACTIVE' });
    });

    it('answers 429 with Retry-After within the cool-down', async () => {
      const { userId } = await invite();
      expect((await send(userId)).status).toBe(200);
      const refused = await send(userId);
      expectProblem(refused, 429, 'resend_cooldown');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    });

    it('mails an invitation that was made natively without a mail, to a project as well', async () => {
      const project = await buildProject(app, owner, acme);
      const email = newAddress();
      const invitation = { email, role: 'VIEWER', sendEmail: false };
      const made = await app.api.post(`/projects/${project.id}/invitations`, invitation, { as: owner });
      expect((await send(made.body.inviteeId)).body).toMatchObject({ id: made.body.id, status: 'pending' });
      await app.inbox.newest(email);
    });

    it('brings a lapsed one back to life', async () => {
      const { id, userId } = await invite();
      await app.dataSource.query('UPDATE invitations SET expires_at = now() WHERE id = $1', [id]);
      expect(new Date((await send(userId)).body.expiresAt).getTime()).toBeGreaterThan(Date.now());
      expect((await native(id)).status).toBe('PENDING');
    });

    it('answers 409 when it was accepted, by the id of the invited user and of the account', async () => {
      const { userId, email } = await invite();
      const { id } = await join(app, email, 1);
      expectProblem(await send(userId), 409, 'invitation_not_pending');
      expectProblem(await send(id), 409, 'invitation_not_pending');
    });

    it('answers 400 for what is no uuid, 404 for whom nobody invited, for whom another organisation did, and after a revocation', async () => {
      expectProblem(await send('kim'), 400, 'validation_failed');
      expectProblem(await send(randomUUID()), 404, 'not_found');
      const { id, userId } = await invite();
      const elsewhere = await buildOrganisation(app, root);
      const stranger = await buildMember(app, root, elsewhere, { role: 'OWNER' });
      expectProblem(await send(userId, stranger), 404, 'not_found');
      expect((await app.api.delete(`/invitations/${id}`, { as: owner })).status).toBe(204);
      expectProblem(await send(userId), 404, 'not_found');
    });

    it('refuses an admin who sends the invitation of an OWNER, and nothing changes', async () => {
      const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
      const { inviteeId, email } = await natively({ role: 'OWNER' });
      await app.inbox.newest(email);
      const before = await rows();
      expectProblem(await send(inviteeId, admin), 403, 'above_ceiling');
      expect(await rows()).toEqual(before);
    });

    it('takes no word of a body: neither id nor role nor organisation', async () => {
      const { id, userId } = await invite();
      const body = { id: randomUUID(), role: 'OWNER', organisationId: randomUUID(), status: 'accepted' };
      const sent = await app.root.post(`/api/users/${userId}/invitation`, body, { as: owner });
      expect(sent).toMatchObject({ status: 200, body: { id, status: 'pending' } });
      expect(await native(id)).toMatchObject({ role: { key: 'MEMBER' }, organisation: { id: acme.id } });
    });
  });

  describe('POST /api/users', () => {
    it('invites each address as MEMBER, in order, each once', async () => {
      const emails = [newAddress(), newAddress()];
      const answer = await post([...emails, emails[0].toUpperCase()]);
      expect(answer).toMatchObject({ status: 200, body: emails.map((email) => ({ email, status: 'pending' })) });
      expect(answer.body).toHaveLength(2);
      expectShape(INVITATIONS, answer);
      for (const email of emails) await app.inbox.newest(email);
      expect(await native(answer.body[0].id)).toMatchObject({ role: { key: 'MEMBER' }, invitedBy: { id: owner.id } });
    });

    it('refreshes a pending one, and within the cool-down answers it unsent', async () => {
      const first = await invite();
      await app.inbox.newest(first.email); // what has not left is taken back by the next
      expect(await invite(first.email)).toMatchObject({ id: first.id, userId: first.userId });
      await app.inbox.newest(first.email, 2);
      const { sendCount, expiresAt } = await native(first.id);
      expect(await invite(first.email)).toMatchObject({ id: first.id, expiresAt });
      expect((await native(first.id)).sendCount).toBe(sendCount);
    });

    it('keeps what a pending one grants', async () => {
      const project = await buildProject(app, owner, acme);
      const projects = [{ projectId: project.id, role: 'EDITOR' }];
      const { id, email, role, ...made } = await natively({ role: 'ADMIN', projects });
      expect((await post([email])).body).toMatchObject([{ id }]);
      expect(await native(id)).toMatchObject({ role, projects: made.projects, sendCount: 2 });
    });

    it('refuses an admin who invites whom an OWNER invited as one, and nothing changes', async () => {
      const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
      const { email } = await natively({ role: 'OWNER' });
      await app.inbox.newest(email);
      const before = await rows();
      expectProblem(await post([email], admin), 403, 'above_ceiling');
      expect(await rows()).toEqual(before);
    });

    it('answers members as accepted, without a mail', async () => {
      const { id, userId, email } = await invite();
      await join(app, email, 1);
      const answer = await post([email, owner.email, root.email]);
      expectShape(INVITATIONS, answer);
      expect(answer.body).toMatchObject([
        { id, userId, status: 'accepted', expiresAt: null },
        { email: owner.email, status: 'accepted' },
        { userId: root.id, email: root.email, status: 'accepted' },
      ]);
      expect(app.inbox.to(email)).toHaveLength(1);
      expect(await app.dataSource.query('SELECT 1 FROM mail_messages WHERE to_address = $1', [root.email])).toEqual([]);
    });

    it('answers the same for an address with an account elsewhere and one without', async () => {
      const elsewhere = await buildUser(app, root);
      const [known, unknown] = (await post([elsewhere.email, newAddress()])).body;
      expect(Object.keys(known)).toEqual(Object.keys(unknown));
      expect(known.status).toBe(unknown.status);
      expect(known.userId).not.toBe(elsewhere.id);
    });

    it('sends nothing when one address is wrong', async () => {
      const email = newAddress();
      const wrong = [
        [email, 'kim'],
        [],
        Array.from({ length: 11 }, () => newAddress()),
        email,
        null,
        [email, 7],
        undefined,
      ];
      for (const emails of wrong) {
        const refused = await post(emails);
        expectProblem(refused, 400, 'validation_failed');
        expect(refused.body.errors).toMatchObject([{ pointer: '#/emails' }]);
      }
      expect(await app.dataSource.query('SELECT 1 FROM invitations WHERE email = $1', [email])).toEqual([]);
    });

    it('ignores what it does not know: a body cannot choose id, role, status, organisation or inviter', async () => {
      const body = { emails: [newAddress()], id: randomUUID(), role: 'OWNER', status: 'accepted', invitedBy: root.id };
      const [{ id, status }] = (await app.root.post('/api/users?verbose=1', body, { as: owner })).body;
      expect({ status, isTheirs: id === body.id }).toEqual({ status: 'pending', isTheirs: false });
      const made = await native(id);
      expect(made).toMatchObject({
        role: { key: 'MEMBER' },
        organisation: { id: acme.id },
        invitedBy: { id: owner.id },
      });
    });

    it('keeps to the plan, the seats and the limits', async () => {
      const plan = (seatLimit: number | null, invitationsEnabled = true) =>
        app.api.put(`/organisations/${acme.id}/plan`, { invitationsEnabled, seatLimit }, { as: root });
      const elsewhere = await buildUser(app, root);
      await plan(3);
      const [first, second] = [newAddress(), newAddress()];
      expectProblem(await post([first, second]), 402, 'seat_limit_reached');
      expect((await list('/invitations?status=pending')).body.results).toMatchObject([{ email: first }]);
      expectProblem(await post([elsewhere.email]), 402, 'seat_limit_reached');
      await plan(null, false);
      expectProblem(await post([second]), 402, 'invitations_not_in_plan');
      await plan(null);
      const { body } = await app.api.get('/platform', { as: root });
      const limits = (invitationsPerOrganisationPerDay: number) =>
        app.api.patch('/platform', { limits: { ...body.limits, invitationsPerOrganisationPerDay } }, { as: root });
      await limits(1);
      const refused = await post([second, newAddress()]);
      await limits(body.limits.invitationsPerOrganisationPerDay);
      expectProblem(refused, 429, 'sending_limit_reached');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    /** Without `inParts` the first invitation uses the key up. */
    it('goes on with the same Idempotency-Key where it was refused', async () => {
      const options = { as: owner, headers: { 'Idempotency-Key': randomUUID() } };
      const plan = (seatLimit: number | null) =>
        app.api.put(`/organisations/${acme.id}/plan`, { invitationsEnabled: true, seatLimit }, { as: root });
      const { members, pending } = (await app.api.get(`/organisations/${acme.id}/seats`, { as: owner })).body;
      await plan(members + pending + 1);
      const body = { emails: [newAddress(), newAddress()] };
      expectProblem(await app.root.post('/api/users', body, options), 402, 'seat_limit_reached');
      await plan(null);
      const { status, body: invited } = await app.root.post('/api/users', body, options);
      expect({ status, count: invited.length }).toEqual({ status: 200, count: 2 });
    });

    it('takes an Idempotency-Key', async () => {
      const options = { as: owner, headers: { 'Idempotency-Key': randomUUID() } };
      const body = { emails: [newAddress()] };
      const first = await app.root.post('/api/users', body, options);
      const again = await app.root.post('/api/users', body, options);
      expect(again).toMatchObject({ status: 200, body: first.body });
      expect(again.headers.get('idempotency-replayed')).toBe('true');
    });
  });

  describe('the lists', () => {
    it('show members and people invited together', async () => {
      const { userId, email } = await invite();
      const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
      await app.api.put(`/organisations/${acme.id}/members/${admin.id}/status`, { status: 'SUSPENDED' }, { as: owner });
      const answer = await list('/users');
      expectShape(USER_PAGE, answer);
      expect(answer.body.paginate).toEqual({ current: 1, from: 1, to: 4, total: 4, pageSize: 10 });
      expect(answer.body.results).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id: owner.id, type: 'owner', status: 'active', firstName: 'Kim', lastName: 'Lee' }),
          expect.objectContaining({ id: admin.id, type: 'admin', status: 'disabled' }),
          expect.objectContaining({ id: userId, email, type: 'invited', status: 'active', firstName: null }),
        ]),
      );
    });

    it('find by a literal part, and turn pages', async () => {
      const emails = ['b_1', 'b_2', 'bx3'].map((name) => newAddress(name));
      await post(emails);
      for (const path of ['/users', '/invitations']) {
        const { body } = await list(`${path}?search=B_`);
        expect(body.results.map((row: { email: string }) => row.email).sort()).toEqual(emails.slice(0, 2));
        const second = await list(`${path}?search=b_&page=2&perPage=1`);
        expect(second.body.paginate).toEqual({ current: 2, from: 2, to: 2, total: 2, pageSize: 1 });
        expect(second.body.results).toHaveLength(1);
        const beyond = await list(`${path}?search=b_&page=3&perPage=1`);
        expect(beyond.body).toEqual({ results: [], paginate: { current: 3, from: 0, to: 0, total: 2, pageSize: 1 } });
        expectProblem(await list(`${path}?perPage=101`), 400, 'validation_failed');
        expectProblem(await list(`${path}?page=0`), 400, 'validation_failed');
      }
    });

    it('show pending and accepted invitations of this organisation, by status', async () => {
      const pending = await invite();
      const accepted = await invite();
      await join(app, accepted.email, 1);
      const revoked = await invite();
      await app.api.delete(`/invitations/${revoked.id}`, { as: owner });
      const all = await list('/invitations');
      expectShape(INVITATION_PAGE, all);
      expect(all.body.results.map(({ id }: { id: string }) => id)).not.toContain(revoked.id);
      const one = await list('/invitations?status=pending&extra=1');
      const createdBy = { id: owner.id, name: 'Kim Lee' };
      const user = { id: pending.userId, email: pending.email };
      expect(one.body.results).toMatchObject([
        { id: pending.id, status: 'pending', createdBy, user, organisation: { id: acme.id, name: acme.name } },
      ]);
      const done = await list(`/invitations?status=accepted&search=${accepted.email}`);
      expect(done.body.results).toMatchObject([{ id: accepted.id, status: 'accepted', expiresAt: null }]);
    });

    it('forget an invited person who became a member, and one who declined', async () => {
      const [joined, declined] = [await invite(), await invite()];
      const { id } = await join(app, joined.email, 1);
      await app.api.post('/invitations/decline', { token: await app.inbox.token(declined.email) });
      const { results } = (await list('/users')).body;
      expect(results.filter(({ email }: { email: string }) => email === joined.email)).toMatchObject([
        { id, type: 'member' },
      ]);
      expect(results.filter(({ email }: { email: string }) => email === declined.email)).toEqual([]);
    });
  });

  describe('the organisation', () => {
    it("is an organisation key's own", async () => {
      const key = await keyOf();
      const made = await post([newAddress()], key);
      expect(made.status).toBe(200);
      expect((await native(made.body[0].id)).organisation.id).toBe(acme.id);
      expect((await send(made.body[0].userId, key)).status).toBe(200);
      const other = await buildOrganisation(app, root);
      expectProblem(await post([newAddress()], key, `?organisationId=${other.id}`), 404, 'not_found');
    });

    it('is named by who has several or none, by id or short id; by others it is not found', async () => {
      const elsewhere = await buildOrganisation(app, root);
      expectProblem(await post([newAddress()], root), 400, 'validation_failed');
      const platformKey = await app.api.post(
        '/platform/api-keys',
        { name: 'Key', platformRole: 'ADMIN' },
        { as: root },
      );
      for (const as of [root, platformKey.body.key]) {
        expectProblem(await list('/users', as), 400, 'validation_failed');
        for (const id of [elsewhere.id, elsewhere.shortId]) {
          const made = await post([newAddress()], as, `?organisationId=${id}`);
          expect((await native(made.body[0].id)).organisation.id).toBe(elsewhere.id);
        }
      }
      expectProblem(await post([newAddress()], owner, `?organisationId=${elsewhere.shortId}`), 404, 'not_found');
      expectProblem(await post([newAddress()], owner, '?organisationId=acme'), 400, 'validation_failed');
      const twice = `?organisationId=${acme.id}&organisationId=${acme.id}`;
      expectProblem(await post([newAddress()], owner, twice), 400, 'validation_failed');
    });

    it("is entered by the platform's staff under that name in the audit", async () => {
      const staff = await buildUser(app, root, 'ADMIN');
      const made = await post([newAddress()], staff, `?organisationId=${acme.id}`);
      const [event]: { actor_type: string }[] = await app.dataSource.query(
        'SELECT actor_type FROM audit_events WHERE request_id = $1',
        [made.headers.get('x-request-id')],
      );
      expect(event.actor_type).toBe('platform_staff');
    });
  });

  describe('credentials', () => {
    it('may be sent as Token, and are needed', async () => {
      const headers = { Authorization: `Token ${owner.token}` };
      expect((await app.root.post('/api/users', { emails: [newAddress()] }, { headers })).status).toBe(200);
      const wrongs: Record<string, string>[] = [
        {},
        { Authorization: `Basic ${owner.token}` },
        { Authorization: 'Bearer wrong' },
      ];
      for (const wrong of wrongs) {
        const asked = [
          app.root.post('/api/users', { emails: [] }, { headers: wrong }),
          app.root.post(`/api/users/${randomUUID()}/invitation`, undefined, { headers: wrong }),
          app.root.get('/api/users', { headers: wrong }),
          app.root.get('/api/invitations', { headers: wrong }),
        ];
        for (const answer of await Promise.all(asked)) expectProblem(answer, 401, 'unauthenticated');
      }
    });

    it('without the permission are refused before the body is looked at', async () => {
      const member = await buildMember(app, owner, acme);
      for (const as of [member, await keyOf('MEMBER')]) {
        expectProblem(await post(['wrong'], as), 403, 'forbidden');
        expectProblem(await send(randomUUID(), as), 403, 'forbidden');
        expectProblem(await list('/users?page=0', as), 403, 'forbidden');
        expectProblem(await list('/invitations?page=0', as), 403, 'forbidden');
      }
    });
  });

  it('makes invitations that the native API sees, sends, changes, takes back and accepts', async () => {
    const [first, second] = [await invite(), await invite()];
    expect(await native(first.id)).toMatchObject({ email: first.email, inviteeId: first.userId, status: 'PENDING' });
    expect((await app.api.post(`/invitations/${first.id}/resend`, {}, { as: owner })).status).toBe(200);
    await join(app, first.email, 2);
    expect((await native(first.id)).status).toBe('ACCEPTED');
    expect((await app.api.delete(`/invitations/${second.id}`, { as: owner })).status).toBe(204);
    const anew = await invite(second.email);
    expect(anew.userId).toBe(second.userId);
    expect(anew.id).not.toBe(second.id);
  });
});
