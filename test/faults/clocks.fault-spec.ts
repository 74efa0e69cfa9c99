import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../support/client.js';
import { ADMIN } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { newAddress } from '../support/factories.js';
import type { ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { faketime } from './support/packages.mjs';

/** A process looks into the outbox every five seconds. */
const LOOKS_EVERY = 5_000;

describe('clocks that are five minutes off', () => {
  let cluster: Cluster;
  let early: ServerProcess;
  let late: ServerProcess;
  beforeAll(async () => {
    cluster = await new Cluster().open();
    late = await cluster.start(clock('-5m'));
    early = await cluster.start(clock('+5m'));
    await cluster.signIn(late);
  });
  afterAll(() => cluster.close());

  const all = <T>(ask: (server: ServerProcess) => Promise<T>): Promise<T[]> => Promise.all([early, late].map(ask));
  const statuses = async (answers: Promise<Answer[]>): Promise<number[]> => (await answers).map(({ status }) => status);
  const secondsUntil = async (table: string, column: string, id: string): Promise<number> => {
    const { rows } = await cluster.sql.query(
      `SELECT extract(epoch FROM ${column} - now())::float AS seconds FROM ${table} WHERE id = $1`,
      [id],
    );
    return rows[0].seconds;
  };

  it('are really off', async () => {
    const dates = await all(async ({ root }) => Date.parse((await root.get('/healthz')).headers.get('date') ?? ''));
    expect(dates[0] - Date.now()).toBeGreaterThan(240_000);
    expect(Date.now() - dates[1]).toBeGreaterThan(240_000);
    note('clocks of two processes apart', { minutes: Math.round((dates[0] - dates[1]) / 60_000) });
  });

  it('change no expiry of an invitation: the database says when it ends', async () => {
    for (const server of [early, late]) {
      const email = newAddress();
      const { id } = (await cluster.invite(server, email)).body;
      const week = await secondsUntil('invitations', 'expires_at', id);
      expect(Math.abs(week - 7 * 86_400)).toBeLessThan(120);
      const token = await cluster.inbox.token(email);
      const lookUp = () => statuses(all(({ api }) => api.post('/invitations/lookup', { token })));
      await cluster.sql.query(`UPDATE invitations SET expires_at = now() + interval '2 minutes' WHERE id = $1`, [id]);
      expect(await lookUp()).toEqual([200, 200]);
      await cluster.sql.query(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
      expect(await lookUp()).toEqual([410, 410]);
    }
  });

  it('change no session: neither its end nor its idleness', async () => {
    for (const server of [early, late]) {
      const { token: as } = (await server.api.post('/auth/sign-in', ADMIN)).body;
      const { body } = await server.api.get('/auth/sessions', { as });
      const { id } = body.data.find(({ current }: { current: boolean }) => current);
      const me = () => statuses(all(({ api }) => api.get('/me', { as })));
      await cluster.sql.query(`UPDATE sessions SET expires_at = now() + interval '2 minutes' WHERE id = $1`, [id]);
      expect(await me()).toEqual([200, 200]);
      await cluster.sql.query(
        `UPDATE sessions SET last_used_at = now() - interval '168 hours' + interval '2 minutes' WHERE id = $1`,
        [id],
      );
      expect(await me()).toEqual([200, 200]);
      await cluster.sql.query(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
      expect(await me()).toEqual([401, 401]);
    }
  });

  it('take no mail from who is sending it, and send it when the lease is over', async () => {
    const { id } = (await cluster.invite(late, newAddress())).body;
    const where = 'WHERE subject_id = $1';
    const sent = () =>
      eventually(async () => {
        const { rows } = await cluster.sql.query(`SELECT status, attempts FROM mail_messages ${where}`, [id]);
        expect(rows[0].status).toBe('SENT');
        return rows[0].attempts as number; // as: the column is an integer
      });
    const attempts = await sent();
    await cluster.sql.query(
      `UPDATE mail_messages SET status = 'SENDING', next_attempt_at = now() + interval '1 minute' ${where}`,
      [id],
    );
    await delay(1.5 * LOOKS_EVERY); // nothing is to happen
    const { rows } = await cluster.sql.query(`SELECT status, attempts FROM mail_messages ${where}`, [id]);
    expect(rows[0]).toEqual({ status: 'SENDING', attempts });
    await cluster.sql.query(`UPDATE mail_messages SET next_attempt_at = now() ${where}`, [id]);
    expect(await sent()).toBe(attempts + 1);
  });

  it('change no cool-down and no throttle: what one counts, the other refuses, for as long', async () => {
    const { id } = (await cluster.invite(early, newAddress())).body;
    const resend = ({ api }: ServerProcess) => api.post(`/invitations/${id}/resend`, {}, { as: cluster.token });
    expect((await resend(late)).status).toBe(200);
    for (const answer of await all(resend)) expectToWait(answer, 60);

    const guess = { email: newAddress(), password: 'wrong password' };
    const attempt = ({ api }: ServerProcess) => api.post('/auth/sign-in', guess);
    for (let i = 0; i < 10; i += 1) expect((await attempt(i % 2 ? early : late)).status).toBe(401);
    for (const answer of await all(attempt)) expectToWait(answer, 900);
  });

  it('change neither what an Idempotency-Key remembers nor where a page begins', async () => {
    for (const [first, second] of [
      [early, late],
      [late, early],
    ]) {
      const email = newAddress();
      const options = { as: cluster.token, headers: { 'Idempotency-Key': email } };
      const path = `/organisations/${cluster.organisationId}/invitations`;
      const made = await first.api.post(path, { email, role: 'MEMBER' }, options);
      const again = await second.api.post(path, { email, role: 'MEMBER' }, options);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(again.body).toEqual(made.body);

      const page = await first.api.get(`${path}?limit=1`, { as: cluster.token });
      expect(page.body.data[0].id).toBe(made.body.id);
      const next = await second.api.get(`${path}?limit=1&cursor=${page.body.nextCursor}`, { as: cluster.token });
      expect(next.status).toBe(200);
      expect(next.body.data[0].id).not.toBe(made.body.id);
    }
  });
});

function expectToWait({ status, headers }: Answer, seconds: number): void {
  expect(status).toBe(429);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(seconds);
}

const clock = (offset: string): Record<string, string> => ({
  LD_PRELOAD: String(faketime()),
  FAKETIME: offset,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
});
