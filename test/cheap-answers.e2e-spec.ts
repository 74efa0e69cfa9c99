import { setTimeout as delay } from 'node:timers/promises';
import { InvitationRemindersService } from '../apps/api/src/invitations/email/invitation-reminders.service.js';
import { MailDispatcher } from '../libs/mailer/src/mail-dispatcher.js';
import { startApp, startInstance, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { CountedDatabase } from './support/counted-database.js';
import { eventually } from './support/eventually.js';
import { buildUser, newAddress, signInAdmin } from './support/factories.js';
import { describeOnServer } from './support/races.js';

const REFUSALS = 50;

describeOnServer('an answer that costs the database nothing', () => {
  let app: TestApp;
  let database: CountedDatabase;
  let counted: Awaited<ReturnType<typeof startInstance>>;

  beforeAll(async () => {
    app = await startApp({ MAIL_EVENTS_SECRET: 'a-secret-for-mail-events-of-tests-0123456789' });
    database = await CountedDatabase.open(app.environment.DATABASE_URL);
    counted = await startInstance({ ...app.environment, DATABASE_URL: database.url, TRUST_PROXY: '127.0.0.1' });
    // What they ask belongs to no request.
    await counted.nest.get(MailDispatcher).onModuleDestroy();
    await counted.nest.get(InvitationRemindersService).onModuleDestroy();
  });
  afterAll(async () => {
    await counted.nest.close();
    database.close();
    await app.stop();
  });

  const requests: [string, string, () => object][] = [
    ['of failed sign-ins', '/auth/sign-in', () => ({ email: newAddress(), password: 'wrong' })],
    ['of wrong tokens', '/invitations/lookup', () => ({ token: `usi_${'x'.repeat(43)}` })],
    ['of wrong signatures', '/mail-events', () => ({})],
  ];

  it.each(requests)('refuses a client over its limit %s: %s', async (_what, path, body) => {
    const headers = { 'X-Forwarded-For': '203.0.113.7' };
    const attempt = (): Promise<Answer> => counted.api.post(path, body(), { headers });
    for (let attempts = 0; (await attempt()).status !== 429; attempts += 1) expect(attempts).toBeLessThan(100);
    await attempt();
    const { statements } = await database.during(async () => {
      const answers = await Promise.all(Array.from({ length: REFUSALS }, attempt));
      for (const { status, headers } of answers) {
        expect(status).toBe(429);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      }
    });
    expect(statements).toEqual([]);
  });

  it('refuses no longer than ten seconds what another replica has cleared', async () => {
    const { email } = await buildUser(app, await signInAdmin(app));
    const signIn = (password: string): Promise<Answer> => counted.api.post('/auth/sign-in', { email, password });
    for (let attempts = 0; attempts < 11; attempts += 1) await signIn('wrong');
    expect((await signIn('wrong')).status).toBe(429);
    await app.api.post('/auth/password-resets', { email });
    const token = await app.inbox.token(email, 2);
    const password = 'another-good-password';
    expect((await app.api.post('/auth/password-resets/confirm', { token, password })).status).toBe(204);
    await eventually(async () => {
      await delay(1_000); // each attempt counts for the client
      expect((await signIn(password)).status).toBe(200);
    }, 100_000);
  });

  it.each([
    ['/readyz', 10],
    ['/metrics', REFUSALS],
  ])('is that of %s to all who ask at once', async (path, looksAtMost) => {
    const ask = (): Promise<Answer> => counted.root.get(path);
    const { statements: once } = await database.during(ask);
    expect(once.length).toBeGreaterThan(0);
    const { statements } = await database.during(async () => {
      const answers = await Promise.all(Array.from({ length: 600 }, ask));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    });
    expect(statements.length).toBeLessThanOrEqual(looksAtMost * once.length);
  });
});
