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
  type Person,
  PASSWORD,
  signInAdmin,
} from './support/factories.js';

describe("an organisation's plan", () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const plan = (seatLimit: number | null, invitationsEnabled = true) =>
    app.api.put(path('/plan'), { invitationsEnabled, seatLimit }, { as: root });
  const seats = async () => (await app.api.get(path('/seats'), { as: owner })).body;
  const invite = (fields: object = {}): Promise<Answer> =>
    app.api.post(path('/invitations'), { email: newAddress(), role: 'MEMBER', ...fields }, { as: owner });
  const lapse = (id: string) => app.dataSource.query('UPDATE invitations SET expires_at = now() WHERE id = $1', [id]);

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
  });
  afterAll(() => app.stop());

  it('is changed by platform admins alone, and shown with the organisation', async () => {
    expect((await plan(10)).body.plan).toEqual({ invitationsEnabled: true, seatLimit: 10 });
    expect((await app.api.get(path(), { as: owner })).body.plan).toEqual({ invitationsEnabled: true, seatLimit: 10 });
    const operator = await buildUser(app, root, 'OPERATOR');
    for (const as of [owner, operator]) {
      const refused = await app.api.put(path('/plan'), { invitationsEnabled: true, seatLimit: 99 }, { as });
      expect(refused.status).toBe(403);
    }
    const events: { before: object; after: object }[] = await app.dataSource.query(
      `SELECT before, after FROM audit_events WHERE tenant_id = $1 AND action = 'organisation.plan_changed'`,
      [acme.id],
    );
    const after = { invitationsEnabled: true, seatLimit: 10 };
    expect(events).toEqual([{ before: { invitationsEnabled: true, seatLimit: null }, after }]);
  });

  it.each([
    [{ invitationsEnabled: true }, '#/seatLimit'],
    [{ seatLimit: 5 }, '#/invitationsEnabled'],
    [{ invitationsEnabled: 'yes', seatLimit: 5 }, '#/invitationsEnabled'],
    [{ invitationsEnabled: true, seatLimit: 0 }, '#/seatLimit'],
    [{ invitationsEnabled: true, seatLimit: 2.5 }, '#/seatLimit'],
    [{ invitationsEnabled: true, seatLimit: '5' }, '#/seatLimit'],
    [{ invitationsEnabled: true, seatLimit: 5, price: 3 }, '#/price'],
  ])('is refused as %j', async (wrong, pointer) => {
    const refused = await app.api.put(path('/plan'), wrong, { as: root });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });

  it('without invitations refuses every sending with 402, and lets open ones be accepted', async () => {
    const { body } = await invite();
    const token = await app.inbox.token(body.email as string);
    await plan(null, false);
    const refused = [
      await invite(),
      await app.api.post(`/invitations/${body.id}/resend`, {}, { as: owner }),
      await app.api.patch(`/invitations/${body.id}`, { givenName: 'Kim' }, { as: owner }),
    ];
    for (const answer of refused)
      expect(answer).toMatchObject({ status: 402, body: { code: 'invitations_not_in_plan' } });
    expect((await app.api.post('/invitations/accept', { token, password: PASSWORD })).status).toBe(200);
  });

  describe('with seats', () => {
    it('counts active members and addresses invited, each once', async () => {
      expect(await seats()).toEqual({ limit: null, members: 2, pending: 0 });
      await plan(5);
      const project = await buildProject(app, owner, acme);
      const email = newAddress();
      await invite({ email });
      await app.api.post(`/projects/${project.id}/invitations`, { email, role: 'VIEWER' }, { as: owner });
      await app.api.post(`/projects/${project.id}/invitations`, { email: owner.email, role: 'VIEWER' }, { as: owner });
      expect(await seats()).toEqual({ limit: 5, members: 2, pending: 1 });
    });

    it('refuses one too many with the numbers, and writes and sends nothing', async () => {
      await plan(3);
      await invite();
      const email = newAddress();
      const refused = await invite({ email });
      expect(refused).toMatchObject({
        status: 402,
        body: { code: 'seat_limit_reached', limit: 3, members: 2, pending: 1 },
      });
      const { body } = await app.api.get(path(`/invitations?email=${email}`), { as: owner });
      expect([body.data, app.inbox.to(email)]).toEqual([[], []]);
    });

    it('needs none for somebody who holds one: a member, or somebody invited already', async () => {
      await plan(3);
      const project = await buildProject(app, owner, acme);
      const { body } = await invite();
      const again = { email: body.email, role: 'VIEWER' };
      expect((await app.api.post(`/projects/${project.id}/invitations`, again, { as: owner })).status).toBe(201);
      expect((await invite({ email: body.email })).status).toBe(409);
      const toMember = { email: root.email, role: 'VIEWER' };
      const member = await app.api.post(`/projects/${project.id}/invitations`, toMember, { as: owner });
      expect([member.status, member.body.code]).toEqual([409, 'already_member']);
    });

    it('frees the seats of lapsed, revoked and declined invitations and of leavers', async () => {
      await plan(3);
      const first = await invite();
      await lapse(first.body.id as string);
      const second = await invite();
      await app.api.delete(`/invitations/${second.body.id}`, { as: owner });
      const third = await invite();
      const token = await app.inbox.token(third.body.email as string);
      await app.api.post('/invitations/decline', { token });
      const fourth = await invite();
      const leaver = await join(app, fourth.body.email as string, 1);
      expect((await invite()).status).toBe(402);
      await app.api.delete(path(`/members/${leaver.id}`), { as: leaver });
      expect((await invite()).status).toBe(201);
    });

    it('lets reserved seats be accepted, whatever the plan says by then', async () => {
      await plan(4);
      const invited = [await invite(), await invite()];
      await plan(1);
      for (const { body } of invited) await join(app, body.email as string, 1);
      expect(await seats()).toEqual({ limit: 1, members: 4, pending: 0 });
      expect((await invite()).status).toBe(402);
    });

    it('reserves a seat anew when a lapsed invitation is sent again', async () => {
      await plan(3);
      const { body } = await invite();
      await lapse(body.id as string);
      const other = await invite();
      expect(await app.api.post(`/invitations/${body.id}/resend`, {}, { as: owner })).toMatchObject({
        status: 402,
        body: { code: 'seat_limit_reached' },
      });
      expect((await app.api.patch(`/invitations/${body.id}`, { givenName: 'Kim' }, { as: owner })).status).toBe(402);
      await app.api.delete(`/invitations/${other.body.id}`, { as: owner });
      expect((await app.api.post(`/invitations/${body.id}/resend`, {}, { as: owner })).status).toBe(200);
    });

    it('frees the seat of a suspended member, who needs one to come back', async () => {
      const member = await buildMember(app, owner, acme);
      await plan(3);
      const status = (to: string) => app.api.put(path(`/members/${member.id}/status`), { status: to }, { as: owner });
      await status('SUSPENDED');
      expect(await seats()).toMatchObject({ members: 2 });
      const { body } = await invite();
      expect(await status('ACTIVE')).toMatchObject({ status: 402, body: { code: 'seat_limit_reached' } });
      await app.api.delete(`/invitations/${body.id}`, { as: owner });
      expect((await status('ACTIVE')).status).toBe(200);
    });

    it('gives the last one once, however many ask at the same instant', async () => {
      await plan(3);
      const answers = await Promise.all(Array.from({ length: 30 }, () => invite()));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 402)).toHaveLength(29);
      expect(await seats()).toEqual({ limit: 3, members: 2, pending: 1 });
    });
  });
});

describe('a suspended organisation', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const suspend = (status = 'SUSPENDED') => app.api.put(path('/status'), { status }, { as: root });

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
  });
  afterAll(() => app.stop());

  it('refuses its people at once, and takes them back', async () => {
    const project = await buildProject(app, owner, acme);
    expect((await suspend()).body.status).toBe('SUSPENDED');
    for (const where of [path(), path('/members'), `/projects/${project.id}`]) {
      const refused = await app.api.get(where, { as: owner });
      expect(refused).toMatchObject({ status: 403, body: { code: 'organisation_suspended' } });
    }
    expect((await app.api.get(path(), { as: root })).status).toBe(200);
    await suspend('ACTIVE');
    expect((await app.api.get(path(), { as: owner })).status).toBe(200);
  });

  it('closes its invitations while it is suspended, and sends none that are queued', async () => {
    const open = await app.api.post(path('/invitations'), { email: newAddress(), role: 'MEMBER' }, { as: owner });
    const token = await app.inbox.token(open.body.email as string);
    app.inbox.refuseWith = { code: 451, message: 'Later' };
    const queued = await app.api.post(path('/invitations'), { email: newAddress(), role: 'MEMBER' }, { as: owner });
    await suspend();
    app.inbox.refuseWith = null;
    for (const verb of ['lookup', 'accept']) {
      const answer = await app.api.post(`/invitations/${verb}`, {
        token,
        ...(verb === 'accept' ? { password: PASSWORD } : {}),
      });
      expect([verb, answer.status]).toEqual([verb, 410]);
    }
    const { body } = await app.api.get(`/invitations/${queued.body.id}`, { as: root });
    expect(body.delivery).toMatchObject({ status: 'SKIPPED', lastError: 'The organisation was suspended' });
    await suspend('ACTIVE');
    expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
  });

  it('is suspended by platform admins alone', async () => {
    const operator = await buildUser(app, root, 'OPERATOR');
    for (const as of [owner, operator])
      expect((await app.api.put(path('/status'), { status: 'SUSPENDED' }, { as })).status).toBe(403);
    const stranger = await buildUser(app, root);
    expect((await app.api.put(path('/status'), { status: 'SUSPENDED' }, { as: stranger })).status).toBe(404);
    expect((await suspend('CLOSED')).status).toBe(400);
  });
});
