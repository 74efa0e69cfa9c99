import { hash } from '@node-rs/argon2';
import { Throttle } from '@usher/http';
import { Passwords } from '../apps/api/src/auth/passwords.js';
import { ADMIN, startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { onServer } from './support/database.js';
import { eventually } from './support/eventually.js';
import {
  buildOrganisation,
  buildUser,
  newAddress,
  PASSWORD,
  type Person,
  signIn,
  signInAdmin,
} from './support/factories.js';
import { clearThrottles, forgetOver } from './support/throttles.js';

const itOnServer = onServer() ? it : it.skip;
const NEW_PASSWORD = 'another horse battery';

describe('signing in', () => {
  let app: TestApp;
  let admin: Person;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
  });
  afterAll(() => app.stop());
  afterEach(() => clearThrottles(app));

  const attempt = (email: unknown, password: unknown): Promise<Answer> =>
    app.api.post('/auth/sign-in', { email, password });
  const statusOf = async (as: { token: string } | string): Promise<number> => (await app.api.get('/me', { as })).status;

  describe('with the right password', () => {
    it('answers a credential, when it ends, and who it is', async () => {
      const { status, body } = await attempt(` ${ADMIN.email.toUpperCase()} `, ADMIN.password);
      expect(status).toBe(200);
      expect(body.token).toMatch(/^uss_[\w-]{43}$/);
      const days = (Date.parse(body.expiresAt as string) - Date.now()) / 86_400_000;
      expect(days).toBeCloseTo(30, 0);
      expect(body.user).toMatchObject({ id: admin.id, email: ADMIN.email, platformRole: 'ADMIN', status: 'ACTIVE' });
      expect(Object.keys(body.user as object)).not.toContain('passwordHash');
    });

    it('gives every sign-in a credential of its own', async () => {
      const [one, two] = [await signInAdmin(app), await signInAdmin(app)];
      expect(one.token).not.toBe(two.token);
      expect([await statusOf(one), await statusOf(two)]).toEqual([200, 200]);
    });

    it('keeps no credential and no password, only their hashes', async () => {
      const { token } = await signInAdmin(app);
      const rows: { row: string }[] = await app.dataSource.query(
        `SELECT s::text AS row FROM sessions s UNION ALL SELECT u::text FROM users u UNION ALL SELECT a::text FROM audit_events a`,
      );
      const everything = rows.map(({ row }) => row).join('\n');
      const hex = Buffer.from(token).toString('hex');
      for (const secret of [token, token.slice(4), hex, ADMIN.password]) expect(everything).not.toContain(secret);
      expect(everything).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    });
  });

  describe('with a wrong one', () => {
    it('answers an unknown address and a wrong password byte for byte alike', async () => {
      const person = await buildUser(app, admin);
      const suspended = await buildUser(app, admin);
      await app.api.patch(`/users/${suspended.id}`, { status: 'SUSPENDED' }, { as: admin });
      const answers = [
        await attempt(person.email, 'wrong'),
        await attempt(newAddress(), 'wrong'),
        await attempt(suspended.email, PASSWORD),
      ];
      const [first, ...others] = answers.map(({ status, body, headers }) => {
        const { requestId, ...rest } = body as { requestId: string };
        const shown = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
        expect(requestId).toBe(headers.get('x-request-id'));
        return JSON.stringify({ status, rest, shown });
      });
      expect(JSON.parse(first)).toMatchObject({ status: 401, rest: { code: 'invalid_credentials' } });
      for (const other of others) expect(other).toBe(first);
    });

    it('costs one verification whether or not there is an account', async () => {
      const person = await buildUser(app, admin);
      const verifications = jest.spyOn(app.nest.get(Passwords, { strict: false }), 'matches');
      try {
        await attempt(person.email, 'wrong');
        await attempt(newAddress(), 'wrong');
        expect(verifications).toHaveBeenCalledTimes(2);
      } finally {
        verifications.mockRestore();
      }
      const [known, unknown] = [await timings(person.email), await timings(newAddress())];
      expect(unknown / known).toBeGreaterThan(0.1);
      expect(unknown / known).toBeLessThan(10);
    });

    /** The median of nine attempts, in milliseconds. */
    async function timings(email: string): Promise<number> {
      const taken: number[] = [];
      for (let i = 0; i < 9; i += 1) {
        const started = performance.now();
        await attempt(email, 'wrong');
        taken.push(performance.now() - started);
      }
      return taken.sort((a, b) => a - b)[4];
    }

    it('is refused with 429 after ten failures for an address from a client, the right password too', async () => {
      const person = await buildUser(app, admin);
      const other = await buildUser(app, admin);
      for (let i = 0; i < 10; i += 1) expect((await attempt(person.email, 'wrong')).status).toBe(401);
      const refused = await attempt(person.email, PASSWORD);
      expect(refused.body).toMatchObject({ status: 429, code: 'too_many_attempts' });
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(900);
      expect((await attempt(other.email, PASSWORD)).status).toBe(200);
    });

    it('is counted for one client, whatever X-Forwarded-For says', async () => {
      const body = { email: newAddress(), password: 'wrong' };
      const statuses: number[] = [];
      for (let i = 0; i < 11; i += 1) {
        const headers = { 'X-Forwarded-For': `203.0.113.${i}` };
        statuses.push((await app.api.post('/auth/sign-in', body, { headers })).status);
      }
      expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    });

    it('is refused for an unknown address after as many', async () => {
      const email = newAddress();
      for (let i = 0; i < 10; i += 1) expect((await attempt(email, 'wrong')).status).toBe(401);
      expect((await attempt(email, 'wrong')).status).toBe(429);
    });

    it('may go on once the time is over, and successes are not counted', async () => {
      const person = await buildUser(app, admin);
      for (let i = 0; i < 12; i += 1) expect((await attempt(person.email, PASSWORD)).status).toBe(200);
      for (let i = 0; i < 11; i += 1) await attempt(person.email, 'wrong');
      await app.dataSource.query('UPDATE throttles SET expire = 0');
      forgetOver(app);
      expect((await attempt(person.email, PASSWORD)).status).toBe(200);
    });

    it('is no more often allowed when one was taken back after its time', async () => {
      const throttle = app.nest.get(Throttle);
      const rule = { name: 'of a test', limit: 1, seconds: 60 };
      await throttle.forgive(rule, 'somebody');
      expect([await throttle.allows(rule, 'somebody'), await throttle.allows(rule, 'somebody')]).toEqual([true, false]);
    });
  });

  describe('ends', () => {
    it('with signing out, here alone', async () => {
      const [here, there] = [await signInAdmin(app), await signInAdmin(app)];
      expect((await app.api.post('/auth/sign-out', undefined, { as: here })).status).toBe(204);
      expect([await statusOf(here), await statusOf(there)]).toEqual([401, 200]);
      expect((await app.api.post('/auth/sign-out', undefined, { as: here })).status).toBe(401);
    });

    it('when its time is over', async () => {
      const person = await buildUser(app, admin);
      await app.dataSource.query(`UPDATE sessions SET expires_at = now() WHERE user_id = $1`, [person.id]);
      expect(await statusOf(person)).toBe(401);
    });

    it('at once and everywhere when the person is suspended', async () => {
      const person = await buildUser(app, admin);
      const second = await signIn(app, person.email);
      const organisation = await buildOrganisation(app, admin);
      await app.api.patch(`/users/${person.id}`, { status: 'SUSPENDED' }, { as: admin });
      for (const as of [person, second]) {
        for (const path of [
          '/me',
          '/me/memberships',
          '/organisations',
          `/organisations/${organisation.id}`,
          '/users',
        ]) {
          expect((await app.api.get(path, { as })).status).toBe(401);
        }
      }
      expect((await attempt(person.email, PASSWORD)).status).toBe(401);
      await app.api.patch(`/users/${person.id}`, { status: 'ACTIVE' }, { as: admin });
      expect(await statusOf(person)).toBe(401);
      expect((await attempt(person.email, PASSWORD)).status).toBe(200);
    });
  });

  describe('after forgetting the password', () => {
    const ask = (email: string): Promise<Answer> => app.api.post('/auth/password-resets', { email });
    const confirm = (token: string, password = NEW_PASSWORD): Promise<Answer> =>
      app.api.post('/auth/password-resets/confirm', { token, password });

    it('answers 202 whether or not there is an account, and mails only where there is one', async () => {
      const person = await buildUser(app, admin);
      const stranger = newAddress();
      const [known, unknown] = [await ask(person.email), await ask(stranger)];
      expect([known.status, known.body]).toEqual([202, '']);
      expect([unknown.status, unknown.body]).toEqual([202, '']);
      const mail = await app.inbox.newest(person.email, 2);
      expect(mail.text).toContain('http://usher.test/reset#token=');
      expect(app.inbox.to(stranger)).toEqual([]);
    });

    // Await the work in `BackgroundWork.start`: there is no answer while the account is locked.
    itOnServer('answers before the work is done, which goes on', async () => {
      const person = await buildUser(app, admin);
      const blocker = app.dataSource.createQueryRunner();
      await blocker.startTransaction();
      await blocker.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [person.id]);
      expect((await ask(person.email)).status).toBe(202);
      await blocker.commitTransaction();
      await blocker.release();
      expect((await app.inbox.newest(person.email, 2)).text).toContain('http://usher.test/reset#token=');
    });

    it('sets the new password once, and signs out everywhere', async () => {
      const person = await buildUser(app, admin);
      const second = await signIn(app, person.email);
      await ask(person.email);
      const token = await app.inbox.token(person.email, 2);
      expect((await confirm(token)).status).toBe(204);
      expect([await statusOf(person), await statusOf(second)]).toEqual([401, 401]);
      expect((await attempt(person.email, PASSWORD)).status).toBe(401);
      expect((await attempt(person.email, NEW_PASSWORD)).status).toBe(200);
      expect((await confirm(token)).body).toMatchObject({ status: 410, code: 'password_reset_closed' });
    });

    /** Fails when `password-resets.service.ts` reads the row instead of taking it by `DELETE … RETURNING`. */
    it('lets one of two at once set it', async () => {
      const person = await buildUser(app, admin);
      await ask(person.email);
      const token = await app.inbox.token(person.email, 2);
      const answers = await Promise.all([
        confirm(token, 'first horse battery'),
        confirm(token, 'second horse battery'),
      ]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([204, 410]);
    });

    it('proves the address of somebody who came in by a link that was shown', async () => {
      const organisation = await buildOrganisation(app, admin);
      const email = newAddress();
      const invited = await app.api.post(
        `/organisations/${organisation.id}/invitations`,
        { email, role: 'MEMBER', sendEmail: false },
        { as: admin },
      );
      const token = (invited.body.link as string).split('#token=')[1];
      const { body } = await app.api.post('/invitations/accept', { token, givenName: 'Kim', password: PASSWORD });
      expect((await app.api.get('/me', { as: body.session })).body.emailVerified).toBe(false);
      await ask(email);
      await confirm(await app.inbox.token(email));
      expect(await statusOf(body.session as { token: string })).toBe(401);
      const again = await signIn(app, email, NEW_PASSWORD);
      expect((await app.api.get('/me', { as: again })).body.emailVerified).toBe(true);
    });

    it('closes a link after an hour, when a newer one was sent, and for anything else', async () => {
      const person = await buildUser(app, admin);
      await ask(person.email);
      const older = await app.inbox.token(person.email, 2);
      await ask(person.email);
      const newer = await app.inbox.token(person.email, 3);
      expect((await confirm(older)).status).toBe(410);
      await app.dataSource.query(`UPDATE password_resets SET expires_at = now()`);
      const refusals = [await confirm(newer), await confirm('unknown')];
      const [lapsed, unknown] = refusals.map(({ body }) => ({ ...(body as object), requestId: '' }));
      expect(lapsed).toMatchObject({ status: 410, code: 'password_reset_closed' });
      expect(unknown).toEqual(lapsed);
      expect((await attempt(person.email, PASSWORD)).status).toBe(200);
    });

    it('is open for an hour', async () => {
      const person = await buildUser(app, admin);
      await ask(person.email);
      const [{ minutes }] = await app.dataSource.query<{ minutes: number }[]>(
        `SELECT round(extract(epoch FROM expires_at - created_at) / 60)::int AS minutes FROM password_resets WHERE user_id = $1`,
        [person.id],
      );
      expect(minutes).toBe(60);
    });

    it('sends no mail to suspended people, nor more than three in a quarter of an hour', async () => {
      const [person, suspended] = [await buildUser(app, admin), await buildUser(app, admin)];
      await app.api.patch(`/users/${suspended.id}`, { status: 'SUSPENDED' }, { as: admin });
      expect((await ask(suspended.email)).status).toBe(202);
      for (let i = 0; i < 5; i += 1) expect((await ask(person.email)).status).toBe(202);
      const mails: { to_address: string; count: number }[] = await app.dataSource.query(
        `SELECT to_address, count(*)::int AS count FROM mail_messages WHERE to_address IN ($1, $2) GROUP BY 1`,
        [person.email, suspended.email],
      );
      expect(mails).toHaveLength(2);
      expect(mails).toContainEqual({ to_address: person.email, count: 1 + 3 });
      expect(mails).toContainEqual({ to_address: suspended.email, count: 1 });
    });

    it('answers a client that asks for many the same, and sends no more', async () => {
      await clearThrottles(app);
      for (let i = 0; i < 20; i += 1) expect((await ask(newAddress())).status).toBe(202);
      const person = await buildUser(app, admin);
      expect((await ask(person.email)).status).toBe(202);
      const mails = await app.dataSource.query('SELECT 1 FROM mail_messages WHERE to_address = $1', [person.email]);
      expect(mails).toHaveLength(1);
      await clearThrottles(app);
    });

    it('refuses those who try one token after the other', async () => {
      for (let i = 0; i < 30; i += 1) expect((await confirm(`guess-${i}`)).status).toBe(410);
      const refused = await confirm('one more');
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    });

    it('keeps no token once the mail is sent, only its hash', async () => {
      const person = await buildUser(app, admin);
      await ask(person.email);
      const token = await app.inbox.token(person.email, 2);
      await eventually(async () => {
        const rows: { row: string }[] = await app.dataSource.query(
          `SELECT p::text AS row FROM password_resets p UNION ALL SELECT m::text FROM mail_messages m WHERE m.sealed_token IS NOT NULL
           UNION ALL SELECT m.content::text FROM mail_messages m`,
        );
        expect(rows.map(({ row }) => row).join('\n')).not.toContain(token);
        const [{ sealed }] = await app.dataSource.query<{ sealed: number }[]>(
          `SELECT count(*)::int AS sealed FROM mail_messages WHERE to_address = $1 AND sealed_token IS NOT NULL`,
          [person.email],
        );
        expect(sealed).toBe(0);
      });
    });
  });

  describe('with a new password', () => {
    const change = (as: Person, currentPassword: string, newPassword = NEW_PASSWORD): Promise<Answer> =>
      app.api.put('/me/password', { currentPassword, newPassword }, { as });

    it('ends the other sessions, but not this one', async () => {
      const person = await buildUser(app, admin);
      const [here, there] = [await signIn(app, person.email), await signIn(app, person.email)];
      expect((await change(here, PASSWORD)).status).toBe(204);
      expect([await statusOf(here), await statusOf(there), await statusOf(person)]).toEqual([200, 401, 401]);
      expect((await attempt(person.email, PASSWORD)).status).toBe(401);
      expect((await attempt(person.email, NEW_PASSWORD)).status).toBe(200);
    });

    it('needs the present one, and changes nothing without it', async () => {
      const person = await buildUser(app, admin);
      const there = await signIn(app, person.email);
      expect((await change(person, 'wrong')).body).toMatchObject({ status: 403, code: 'wrong_password' });
      expect(await statusOf(there)).toBe(200);
      expect((await attempt(person.email, PASSWORD)).status).toBe(200);
    });

    it('cannot be guessed by whoever found an open session', async () => {
      const person = await buildUser(app, admin);
      for (let i = 0; i < 10; i += 1) expect((await change(person, `guess ${i}`)).status).toBe(403);
      expect((await change(person, PASSWORD)).status).toBe(429);
    });

    it('is the same in every Unicode form, also where a hash is of the form that was sent', async () => {
      const person = await buildUser(app, admin);
      const [composed, decomposed] = ['Zo\u00EB drinks \uFB01ve', 'Zoe\u0308 drinks five'];
      expect((await change(person, PASSWORD, decomposed)).status).toBe(204);
      for (const form of [composed, decomposed]) expect((await attempt(person.email, form)).status).toBe(200);
      const older = await hash(decomposed);
      await app.dataSource.query('UPDATE users SET password_hash = $2 WHERE id = $1', [person.id, older]);
      expect((await attempt(person.email, decomposed)).status).toBe(200);
      expect((await attempt(person.email, 'Zoe drinks five')).status).toBe(401);
    });

    it('is as easy to guess in full-width letters', async () => {
      const person = await buildUser(app, admin);
      const fullWidth = '\uFF50\uFF41\uFF53\uFF53\uFF57\uFF4F\uFF52\uFF44';
      expect((await change(person, PASSWORD, fullWidth)).status).toBe(400);
    });

    it('may have any characters, and nothing of it is cut off', async () => {
      const person = await buildUser(app, admin);
      const long = `${'\u{1F600}'.repeat(30)} ${'x'.repeat(60)}`;
      expect((await change(person, PASSWORD, `${long}1`)).status).toBe(204);
      expect((await attempt(person.email, `${long}2`)).status).toBe(401);
      expect((await attempt(person.email, `${long}1`)).status).toBe(200);
    });
  });
});
