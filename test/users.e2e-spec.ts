import { ADMIN, startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  join,
  newAddress,
  PASSWORD,
  type Person,
  signIn,
  signInAdmin,
} from './support/factories.js';

const NOBODY = '6f1c7a52-3a1e-4d0b-9a55-0f7a3c1d2e4b';

describe('people', () => {
  let app: TestApp;
  let admin: Person;
  let operator: Person;
  let member: Person;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
    operator = await buildUser(app, admin, 'OPERATOR');
    member = await buildUser(app, admin);
  });
  afterAll(() => app.stop());

  const change = (id: string, changes: object, as = admin): Promise<Answer> =>
    app.api.patch(`/users/${id}`, changes, { as });
  const statusOf = async (person: Person): Promise<number> => (await app.api.get('/me', { as: person })).status;

  describe('themselves', () => {
    it('see their account', async () => {
      const { status, body } = await app.api.get('/me', { as: member });
      expect(status).toBe(200);
      expect(body).toEqual({
        id: member.id,
        email: member.email,
        emailVerified: true,
        givenName: 'Kim',
        familyName: 'Lee',
        platformRole: 'MEMBER',
        status: 'ACTIVE',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      });
    });

    it('change their name, one part at a time', async () => {
      const person = await buildUser(app, admin);
      const { status, body } = await app.api.patch('/me', { familyName: ' Ko\u0308nig ' }, { as: person });
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: person.id, givenName: 'Kim', familyName: 'Ko\u0308nig' });
      expect((await app.api.get('/me', { as: person })).body).toEqual(body);
    });

    it('change nothing else', async () => {
      for (const field of ['email', 'status', 'platformRole', 'emailVerified', 'id', 'password']) {
        const { body } = await app.api.patch('/me', { [field]: 'ADMIN' }, { as: member });
        expect(body).toMatchObject({ status: 400, errors: [{ pointer: `#/${field}` }] });
      }
    });
  });

  describe('as platform staff', () => {
    it('are listed and shown to ADMIN and OPERATOR, and to nobody else', async () => {
      for (const path of ['/users', `/users/${member.id}`]) {
        expect((await app.api.get(path, { as: admin })).status).toBe(200);
        expect((await app.api.get(path, { as: operator })).status).toBe(200);
        expect((await app.api.get(path, { as: member })).body).toMatchObject({ status: 403, code: 'forbidden' });
        expect((await app.api.get(path)).status).toBe(401);
      }
      expect((await app.api.get(`/users/${member.id}`, { as: operator })).body.email).toBe(member.email);
    });

    it('are changed and erased by an ADMIN alone', async () => {
      for (const as of [operator, member]) {
        expect((await change(member.id, { status: 'SUSPENDED' }, as)).status).toBe(403);
        expect((await change(as.id, { platformRole: 'ADMIN' }, as)).status).toBe(403);
        expect((await app.api.delete(`/users/${member.id}`, { as })).status).toBe(403);
      }
      expect(await statusOf(member)).toBe(200);
    });

    it('that do not exist are 404', async () => {
      expect((await app.api.get(`/users/${NOBODY}`, { as: admin })).status).toBe(404);
      expect((await change(NOBODY, { status: 'SUSPENDED' })).status).toBe(404);
      expect((await app.api.delete(`/users/${NOBODY}`, { as: admin })).status).toBe(404);
    });

    it('get another role, name or status, and what is left out stays', async () => {
      const person = await buildUser(app, admin);
      expect((await change(person.id, { platformRole: 'OPERATOR' })).body).toMatchObject({
        platformRole: 'OPERATOR',
        status: 'ACTIVE',
        givenName: 'Kim',
      });
      expect((await app.api.get('/users', { as: person })).status).toBe(200);
      expect((await change(person.id, { platformRole: 'MEMBER', givenName: 'Jo' })).body.givenName).toBe('Jo');
      expect((await app.api.get('/users', { as: person })).status).toBe(403);
    });

    it('lose what they could no longer send when they are demoted', async () => {
      const second = await buildUser(app, admin, 'ADMIN');
      const email = newAddress();
      await app.api.post('/platform/invitations', { email, platformRole: 'ADMIN' }, { as: second });
      const token = await app.inbox.token(email);
      await change(second.id, { platformRole: 'OPERATOR' });
      const { status } = await app.api.post('/invitations/accept', { token, givenName: 'Eve', password: PASSWORD });
      expect(status).toBe(410);
    });

    it('leave their changes in the audit', async () => {
      const person = await buildUser(app, admin);
      await change(person.id, { status: 'SUSPENDED' });
      const events: object[] = await app.dataSource.query(
        `SELECT actor_id, before, after FROM audit_events WHERE action = 'user.updated' AND subject_id = $1`,
        [person.id],
      );
      const before = { status: 'ACTIVE', platformRole: 'MEMBER' };
      expect(events).toEqual([{ actor_id: admin.id, before, after: { ...before, status: 'SUSPENDED' } }]);
    });
  });

  describe('the last platform admin', () => {
    const refused = { status: 409, code: 'last_platform_admin' };

    it('cannot be demoted, suspended or erased', async () => {
      expect((await change(admin.id, { platformRole: 'OPERATOR' })).body).toMatchObject(refused);
      expect((await change(admin.id, { status: 'SUSPENDED' })).body).toMatchObject(refused);
      expect((await app.api.delete(`/users/${admin.id}`, { as: admin })).body).toMatchObject(refused);
      expect((await change(admin.id, { givenName: 'Root' })).status).toBe(200);
    });

    it('is the last one also when the others are suspended', async () => {
      const second = await buildUser(app, admin, 'ADMIN');
      await change(second.id, { status: 'SUSPENDED' });
      expect((await change(admin.id, { platformRole: 'MEMBER' })).body).toMatchObject(refused);
    });

    /** Fails on PostgreSQL without PLATFORM_ADMINS_LOCK in `users.service.ts`. */
    it('remains when two demote each other at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const second = await buildUser(app, admin, 'ADMIN');
        const answers = await Promise.all([
          change(second.id, { platformRole: 'MEMBER' }, admin),
          change(admin.id, { platformRole: 'MEMBER' }, second),
        ]);
        expect(answers.map((answer) => answer.status).sort()).toEqual([200, 403]);
        if (answers[1].status === 200) await change(admin.id, { platformRole: 'ADMIN' }, second);
        await change(second.id, { platformRole: 'MEMBER' }, admin);
        expect((await app.api.get('/users?platformRole=ADMIN&status=ACTIVE', { as: admin })).body.data).toHaveLength(1);
      }
    });

    it('may go once somebody else is one', async () => {
      const second = await buildUser(app, admin, 'ADMIN');
      expect((await change(admin.id, { platformRole: 'MEMBER' }, admin)).status).toBe(200);
      expect((await change(admin.id, { platformRole: 'ADMIN' }, second)).status).toBe(200);
      expect((await change(second.id, { platformRole: 'MEMBER' }, admin)).status).toBe(200);
    });
  });

  describe('erased', () => {
    /** Everything that is written about this address, in any table. */
    async function tracesOf(address: string): Promise<string[]> {
      const tables: { name: string }[] = await app.dataSource.query(
        `SELECT table_name AS name FROM information_schema.tables
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
      );
      const found: string[] = [];
      for (const { name } of tables) {
        const [{ count }] = await app.dataSource.query<{ count: number }[]>(
          `SELECT count(*)::int AS count FROM "${name}" AS t WHERE strpos(t::text, $1) > 0`,
          [address],
        );
        if (count > 0) found.push(name);
      }
      return found;
    }

    it('leave an id in the audit, and their address nowhere', async () => {
      const acme = await buildOrganisation(app, admin);
      const project = await buildProject(app, admin, acme);
      const person = await buildMember(app, admin, acme, { role: 'ADMIN', givenName: 'Kim', message: 'Hello Kim' });
      const elsewhere = await buildOrganisation(app, admin);
      await app.api.post(
        `/organisations/${elsewhere.id}/invitations`,
        { email: person.email, role: 'MEMBER' },
        { as: admin },
      );
      await app.api.post(`/projects/${project.id}/members`, { userId: person.id, role: 'VIEWER' }, { as: admin });
      await app.api.post('/auth/password-resets', { email: person.email });
      await app.inbox.newest(person.email, 4);
      expect(await tracesOf(person.email)).toEqual(expect.arrayContaining(['users', 'invitations', 'mail_messages']));

      expect((await app.api.delete(`/users/${person.id}`, { as: admin })).status).toBe(204);

      expect(await tracesOf(person.email)).toEqual([]);
      expect((await app.api.get(`/users/${person.id}`, { as: admin })).status).toBe(404);
      expect(await statusOf(person)).toBe(401);
      expect((await app.api.post('/auth/sign-in', { email: person.email, password: PASSWORD })).status).toBe(401);
      expect((await app.api.get(`/organisations/${acme.id}/members/${person.id}`, { as: admin })).status).toBe(404);
      const actions: { action: string }[] = await app.dataSource.query(
        'SELECT action FROM audit_events WHERE subject_id = $1 ORDER BY at, id',
        [person.id],
      );
      expect(actions.map(({ action }) => action)).toEqual(expect.arrayContaining(['user.created', 'user.erased']));
    });

    it('are forgotten in mails to others that spoke of them', async () => {
      const acme = await buildOrganisation(app, admin);
      const email = newAddress('o+k.i_m');
      await app.api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: admin });
      const token = await app.inbox.token(email);
      await app.dataSource.query(`UPDATE invitations SET expires_at = now() WHERE organisation_id = $1`, [acme.id]);
      await app.api.post('/invitations/renewal-requests', { token });
      await eventually(() => expect(app.inbox.to(ADMIN.email)).toHaveLength(1));
      await app.api.post('/platform/invitations', { email, platformRole: 'MEMBER' }, { as: admin });
      const person = await join(app, email, 2);
      await app.api.delete(`/users/${person.id}`, { as: admin });
      const mails: { content: string }[] = await app.dataSource.query('SELECT content::text FROM mail_messages');
      expect(mails.filter(({ content }) => content.includes(email))).toEqual([]);
    });

    it('are not named by mails that waited or were sent, while mails that name similar addresses stay', async () => {
      const { email, id } = await buildUser(app, admin);
      const mails = async (status: string, subjects: string[]): Promise<void> => {
        await app.dataSource.query(
          `INSERT INTO mail_messages
             (id, subject_id, to_address, content, message_id, send_before, next_attempt_at, status)
           SELECT gen_random_uuid(), gen_random_uuid(), 'jo@example.com', jsonb_build_object('subject', subject),
             gen_random_uuid()::text, now() + interval '2 hours', now() + interval '1 hour', $1
           FROM unnest($2::text[]) subject`,
          [status, subjects],
        );
      };
      const theirs = [`${email} asks`, `Write to ${email.toUpperCase()}.`, `Hello\n${email}`, `(${email})`];
      const others = [`x${email}`, `a.${email}`, `a-${email}`, `${email}.org`, `${email}-x.example`];
      for (const status of ['QUEUED', 'SENT']) await mails(status, [...theirs, ...others]);
      await app.api.delete(`/users/${id}`, { as: admin });
      const kept: { status: string; subject: string }[] = await app.dataSource.query(
        `SELECT status, content ->> 'subject' AS subject FROM mail_messages WHERE to_address = 'jo@example.com'`,
      );
      const subjectsOf = (status: string) => kept.filter((mail) => mail.status === status).map((mail) => mail.subject);
      expect(subjectsOf('QUEUED').toSorted()).toEqual(others.toSorted());
      expect(subjectsOf('SENT').toSorted()).toEqual([...theirs.map(() => ''), ...others].toSorted());
      expect(subjectsOf('SKIPPED')).toEqual(theirs.map(() => ''));
    });

    it('are not shown by invitations that they sent, accepted or were sent', async () => {
      const acme = await buildOrganisation(app, admin);
      const person = await buildMember(app, admin, acme, { role: 'ADMIN' });
      const invitee = newAddress();
      const sent = await app.api.post(
        `/organisations/${acme.id}/invitations`,
        { email: invitee, role: 'MEMBER' },
        { as: person },
      );
      const token = await app.inbox.token(invitee);
      await app.api.delete(`/users/${person.id}`, { as: admin });
      expect((await app.api.get(`/invitations/${sent.body.id}`, { as: admin })).body).toMatchObject({
        status: 'REVOKED',
        revokedReason: 'inviter_lost_rights',
        invitedBy: null,
      });
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(410);
      const { body } = await app.api.get(`/organisations/${acme.id}/invitations`, { as: admin });
      expect(JSON.stringify(body)).not.toContain(person.email);
    });

    it('may be invited again, as somebody new', async () => {
      const person = await buildUser(app, admin);
      await app.api.delete(`/users/${person.id}`, { as: admin });
      await app.api.post('/platform/invitations', { email: person.email, platformRole: 'MEMBER' }, { as: admin });
      const again = await join(app, person.email, 2);
      expect(again.id).not.toBe(person.id);
      expect((await signIn(app, person.email)).id).toBe(again.id);
    });
  });
});

describe('the platform', () => {
  let app: TestApp;
  let admin: Person;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
  });
  afterAll(() => app.stop());

  it('shows its settings to staff', async () => {
    const { body } = await app.api.get('/platform', { as: admin });
    expect(body).toEqual({
      name: 'Usher',
      organisationCreation: 'admins',
      redirectOrigins: [],
      logoOrigins: [],
      invitationExpiryHours: 168,
      reminderHours: 48,
      defaultLocale: 'en',
      limits: expect.objectContaining({ resendCooldownSeconds: 60 }) as object,
    });
    const [operator, member] = [await buildUser(app, admin, 'OPERATOR'), await buildUser(app, admin)];
    expect((await app.api.get('/platform', { as: operator })).status).toBe(200);
    expect((await app.api.get('/platform', { as: member })).status).toBe(403);
    expect((await app.api.patch('/platform', { name: 'Mine' }, { as: operator })).status).toBe(403);
  });

  it('changes what was named, keeps the rest, and says so in the audit', async () => {
    const { body: before } = await app.api.get('/platform', { as: admin });
    const origins = ['https://app.example.com', 'http://localhost:5173'];
    const { status, body } = await app.api.patch(
      '/platform',
      { redirectOrigins: origins, name: 'Door' },
      { as: admin },
    );
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, redirectOrigins: origins, name: 'Door' });
    const limited = await app.api.patch('/platform', { limits: { resendCooldownSeconds: null } }, { as: admin });
    expect(limited.body).toEqual({ ...body, limits: { ...body.limits, resendCooldownSeconds: null } });
    const events: { after: { name?: string } }[] = await app.dataSource.query(
      `SELECT after FROM audit_events WHERE action = 'platform.updated' ORDER BY at, id`,
    );
    expect(events[0].after).toMatchObject({ name: 'Door' });
  });

  it('lets everyone create organisations when it is told to', async () => {
    const member = await buildUser(app, admin);
    const create = (): Promise<Answer> => app.api.post('/organisations', { name: 'Mine' }, { as: member });
    expect((await create()).status).toBe(403);
    await app.api.patch('/platform', { organisationCreation: 'everyone' }, { as: admin });
    const { status, body } = await create();
    expect(status).toBe(201);
    const { body: me } = await app.api.get(`/organisations/${body.id}/members/${member.id}`, { as: member });
    expect(me.role.key).toBe('OWNER');
  });

  it('says how long invitations are open, and in which language', async () => {
    await app.api.patch('/platform', { invitationExpiryHours: 1, defaultLocale: 'pt-BR' }, { as: admin });
    const organisation = await buildOrganisation(app, admin);
    const { body } = await app.api.post(
      `/organisations/${organisation.id}/invitations`,
      { email: newAddress(), role: 'MEMBER' },
      { as: admin },
    );
    expect(Date.parse(body.expiresAt as string) - Date.parse(body.createdAt as string)).toBe(3_600_000);
    expect(body.locale).toBe('pt-BR');
  });
});
