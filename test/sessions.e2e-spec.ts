import { Housekeeping } from '@usher/database';
import { startApp, startInstance, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { onServer } from './support/database.js';
import { buildUser, PASSWORD, type Person, signIn, signInAdmin } from './support/factories.js';

const NOBODYS = '6f1c7a52-3a1e-4d0b-9a55-0f7a3c1d2e4b';
/** Two servers cannot share an embedded database. */
const itOnServer = onServer() ? it : it.skip;

describe('sessions', () => {
  let app: TestApp;
  let admin: Person;
  /** Signed in once, by accepting an invitation. */
  let person: Person;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
  });
  beforeEach(async () => {
    person = await buildUser(app, admin);
  });
  afterAll(() => app.stop());

  const list = (as: Person, query = ''): Promise<Answer> => app.api.get(`/auth/sessions${query}`, { as });
  const end = (as: Person, id: string): Promise<Answer> => app.api.delete(`/auth/sessions/${id}`, { as });
  const statusOf = async (as: Person, api = app.api): Promise<number> => (await api.get('/me', { as })).status;
  const idOf = async (as: Person): Promise<string> =>
    (await list(as)).body.data.find((session: { current: boolean }) => session.current).id;
  /** `field` of the session that somebody uses becomes as old as `ago` says. */
  const age = async (as: Person, field: 'last_used_at' | 'expires_at', ago: string): Promise<void> => {
    await app.dataSource.query(`UPDATE sessions SET ${field} = now() - interval '${ago}' WHERE id = $1`, [
      await idOf(as),
    ]);
  };
  const signInWith = async (headers: Record<string, string>, email = person.email): Promise<Person> => {
    const { status, body } = await app.api.post('/auth/sign-in', { email, password: PASSWORD }, { headers });
    expect(status).toBe(200);
    return { id: body.user.id, email, token: body.token };
  };
  const carrying = ({ token }: { token: string }) => ({ Authorization: `Bearer ${token}` });
  const endings = async (id: string): Promise<{ action: string; actor_id: string | null }[]> =>
    app.dataSource.query(
      `SELECT action, actor_id FROM audit_events WHERE subject_id = $1 AND action LIKE '%session%ended'`,
      [id],
    );

  describe('in the list', () => {
    it('show when and with what somebody signed in, the last use, the end, and which one is calling', async () => {
      const phone = await signInWith({ 'User-Agent': 'Phone/1.0' });
      await age(phone, 'last_used_at', '3 hours');
      const { status, body } = await list(person);
      expect(status).toBe(200);
      expect(body.nextCursor).toBeNull();
      const [newest, oldest] = body.data;
      expect(body.data).toHaveLength(2);
      expect(Object.keys(newest as object).sort()).toEqual(
        ['createdAt', 'current', 'expiresAt', 'id', 'lastUsedAt', 'userAgent'].sort(),
      );
      expect(newest).toMatchObject({ userAgent: 'Phone/1.0', current: false });
      expect(oldest).toMatchObject({ id: await idOf(person), current: true });
      const hours = (from: string, to: number) => (to - Date.parse(from)) / 3_600_000;
      expect(hours(newest.lastUsedAt as string, Date.now())).toBeCloseTo(3, 1);
      expect(hours(newest.createdAt as string, Date.now())).toBeCloseTo(0, 1);
      expect(hours(newest.createdAt as string, Date.parse(newest.expiresAt as string))).toBeCloseTo(720, 1);
    });

    it('say that they were used, to the minute', async () => {
      const phone = await signIn(app, person.email);
      const id = await idOf(phone);
      await age(phone, 'last_used_at', '2 minutes');
      expect(await statusOf(phone)).toBe(200);
      const used = (await list(person)).body.data.find((session: { id: string }) => session.id === id);
      expect(Date.now() - Date.parse(used.lastUsedAt as string)).toBeLessThan(60_000);
    });

    it('come in pages, the newest first', async () => {
      const newer = [await signIn(app, person.email), await signIn(app, person.email)];
      const ids = [await idOf(newer[1]), await idOf(newer[0]), await idOf(person)];
      const first = await list(person, '?limit=2&includeTotal=true');
      expect(first.body).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], total: 3 });
      const second = await list(person, `?limit=2&cursor=${first.body.nextCursor}`);
      expect(second.body).toMatchObject({ data: [{ id: ids[2] }], nextCursor: null });
    });

    it('are those that can be used, and nobody else sees them', async () => {
      const [idle, over] = [await signIn(app, person.email), await signIn(app, person.email)];
      await age(idle, 'last_used_at', '168 hours');
      await age(over, 'expires_at', '0 hours');
      expect((await list(person)).body.data).toEqual([expect.objectContaining({ current: true })]);
      const ids = (await list(admin)).body.data.map((session: { id: string }) => session.id);
      expect(ids).not.toContain(await idOf(person));
      expect((await app.api.get('/auth/sessions')).status).toBe(401);
    });
  });

  describe('ended', () => {
    it('one by one, are refused from then on, and the others are not', async () => {
      const [phone, laptop] = [await signIn(app, person.email), await signIn(app, person.email)];
      const id = await idOf(phone);
      expect(await end(laptop, id)).toMatchObject({ status: 204, body: '' });
      expect([await statusOf(phone), await statusOf(laptop), await statusOf(person)]).toEqual([401, 200, 200]);
      expect(await endings(id)).toEqual([{ action: 'session.ended', actor_id: person.id }]);
      expect((await end(laptop, id)).body).toMatchObject({ status: 404, code: 'not_found' });
    });

    it('by themselves, are ended too', async () => {
      expect((await end(person, await idOf(person))).status).toBe(204);
      expect(await statusOf(person)).toBe(401);
    });

    it('are not by strangers, who cannot tell whether they exist', async () => {
      const id = await idOf(person);
      const refusals = [await end(admin, id), await end(admin, NOBODYS)];
      const [foreign, unknown] = refusals.map(({ body }) => ({ ...(body as object), requestId: '' }));
      expect(foreign).toMatchObject({ status: 404, code: 'not_found' });
      expect(unknown).toEqual({ ...foreign, ...('instance' in unknown ? { instance: unknown.instance } : {}) });
      expect(await statusOf(person)).toBe(200);
      expect((await end(person, 'no-id')).body).toMatchObject({ status: 400, errors: [{ pointer: '#/id' }] });
    });

    it('all others at once, leave the one that asks, and each is in the audit', async () => {
      const [phone, laptop] = [await signIn(app, person.email), await signIn(app, person.email)];
      const ids = [await idOf(person), await idOf(laptop)];
      expect(await app.api.delete('/auth/sessions', { as: phone })).toMatchObject({ status: 204, body: '' });
      expect([await statusOf(phone), await statusOf(laptop), await statusOf(person)]).toEqual([200, 401, 401]);
      expect(await statusOf(admin)).toBe(200);
      for (const id of ids) expect(await endings(id)).toEqual([{ action: 'session.ended', actor_id: person.id }]);
      expect(await endings(await idOf(phone))).toEqual([]);
      expect(await endings(person.id)).toEqual([{ action: 'user.other_sessions_ended', actor_id: person.id }]);
    });

    it('by a new password, a reset and a suspension, are in the audit with who did it', async () => {
      const other = await signIn(app, person.email);
      const changed = await idOf(other);
      const passwords = { currentPassword: PASSWORD, newPassword: 'another horse battery' };
      await app.api.put('/me/password', passwords, { as: person });
      expect(await endings(changed)).toEqual([{ action: 'session.ended', actor_id: person.id }]);

      const reset = await idOf(person);
      await app.api.post('/auth/password-resets', { email: person.email });
      const token = await app.inbox.token(person.email, 2);
      await app.api.post('/auth/password-resets/confirm', { token, password: PASSWORD });
      expect(await statusOf(person)).toBe(401);
      expect(await endings(reset)).toEqual([{ action: 'session.ended', actor_id: person.id }]);

      const suspended = await idOf(await signIn(app, person.email));
      await app.api.patch(`/users/${person.id}`, { status: 'SUSPENDED' }, { as: admin });
      expect(await endings(suspended)).toEqual([{ action: 'session.ended', actor_id: admin.id }]);
    });

    itOnServer('on one server, are refused at once on the others', async () => {
      const another = await startInstance(app.environment);
      try {
        const phone = await signIn(app, person.email);
        expect(await statusOf(phone, another.api)).toBe(200);
        await end(person, await idOf(phone));
        expect(await statusOf(phone, another.api)).toBe(401);
        const laptop = await signIn(app, person.email);
        expect(await statusOf(laptop, another.api)).toBe(200);
        await another.api.delete('/auth/sessions', { as: person });
        expect([await statusOf(laptop), await statusOf(laptop, another.api)]).toEqual([401, 401]);
      } finally {
        await another.nest.close();
      }
    });
  });

  describe('die', () => {
    it('when they were not used for SESSION_IDLE_HOURS', async () => {
      await age(person, 'last_used_at', '167 hours');
      expect(await statusOf(person)).toBe(200);
      await age(person, 'last_used_at', '168 hours');
      expect(await statusOf(person)).toBe(401);
    });

    it('at their end, however much they are used', async () => {
      expect(await statusOf(person)).toBe(200);
      await age(person, 'expires_at', '0 hours');
      expect(await statusOf(person)).toBe(401);
    });

    it('and are swept away, the living are not', async () => {
      const [idle, over] = [await signIn(app, person.email), await signIn(app, person.email)];
      await age(idle, 'last_used_at', '168 hours');
      await age(over, 'expires_at', '0 hours');
      await app.nest.get(Housekeeping, { strict: false }).run();
      const rows = await app.dataSource.query('SELECT id FROM sessions WHERE user_id = $1', [person.id]);
      expect(rows).toEqual([{ id: await idOf(person) }]);
    });

    it('after as many idle hours as the setting says', async () => {
      const strict = await startApp({ SESSION_IDLE_HOURS: '1' });
      try {
        const root = await signInAdmin(strict);
        const idle = (minutes: number) =>
          strict.dataSource.query(`UPDATE sessions SET last_used_at = now() - interval '${minutes} minutes'`);
        await idle(59);
        expect((await strict.api.get('/me', { as: root })).status).toBe(200);
        await idle(60);
        expect((await strict.api.get('/me', { as: root })).status).toBe(401);
      } finally {
        await strict.stop();
      }
    });
  });

  describe('at the next sign-in', () => {
    it('go on, also when the request carries one of them', async () => {
      const after = await signInWith(carrying(person));
      expect(after.token).not.toBe(person.token);
      expect([await statusOf(person), await statusOf(after)]).toEqual([200, 200]);
    });

    it("are not asked for: another person's, a dead one, an API key or any other header is ignored", async () => {
      const other = await buildUser(app, admin);
      const key = await app.api.post('/me/api-keys', { name: 'Script' }, { as: person });
      expect(key.status).toBe(201);
      const credentials = [other.token, `uss_${'x'.repeat(43)}`, key.body.key as string, 'x'];
      for (const token of credentials) expect(await statusOf(await signInWith(carrying({ token })))).toBe(200);
      expect(await statusOf(await signInWith({ Authorization: 'Basic eDp5' }))).toBe(200);
      for (const as of [person, other]) expect(await statusOf(as)).toBe(200);
    });

    it('stay when it fails', async () => {
      const wrong = { email: person.email, password: 'wrong' };
      expect((await app.api.post('/auth/sign-in', wrong, { as: person })).status).toBe(401);
      expect(await statusOf(person)).toBe(200);
    });

    it('are a hundred at most: the oldest living one ends', async () => {
      await app.dataSource.query(
        `INSERT INTO sessions (id, user_id, token_hash, created_at, expires_at)
         SELECT gen_random_uuid(), $1::uuid, sha256(($1 || n::text)::bytea), now() - n * interval '1 minute',
           now() + CASE n WHEN 100 THEN interval '0' ELSE interval '1 hour' END
         FROM generate_series(1, 100) n`,
        [person.id],
      );
      // With the dead one there are 101 rows, and 100 living ones.
      const rows = (): Promise<{ minutes: number }[]> =>
        app.dataSource.query(
          `SELECT round(extract(epoch FROM now() - created_at) / 60)::int AS minutes FROM sessions
           WHERE user_id = $1 ORDER BY created_at`,
          [person.id],
        );
      expect(await rows()).toHaveLength(101);
      const newest = await signIn(app, person.email);
      expect((await rows()).slice(0, 2)).toEqual([{ minutes: 100 }, { minutes: 98 }]);
      expect((await list(newest, '?includeTotal=true')).body.total).toBe(100);
      expect([await statusOf(person), await statusOf(newest)]).toEqual([200, 200]);
    });
  });
});
