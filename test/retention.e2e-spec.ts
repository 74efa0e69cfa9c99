import { Housekeeping } from '@usher/database';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';

/** More than two statements take. */
const MANY = 2_500;

describe('what is no longer needed', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  const tidy = () => app.nest.get(Housekeeping, { strict: false }).run();
  const sql = (statement: string, values: unknown[] = []) => app.dataSource.query(statement, values);
  const count = async (rows: string): Promise<number> =>
    (await sql(`SELECT count(*)::int AS count FROM ${rows}`))[0].count;

  beforeAll(async () => {
    app = await startApp({ AUDIT_RETENTION_DAYS: '90', MAIL_RETENTION_DAYS: '100' });
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  it('of mails is what they said, after a month, but not while they wait', async () => {
    await insertMails('SENT', 31);
    await insertMails('SENT', 29);
    await insertMails('QUEUED', 31);
    await tidy();
    expect(await count(`mail_messages WHERE content ->> 'subject' = 'Kept' AND status = 'SENT'`)).toBe(MANY);
    expect(await count(`mail_messages WHERE content ->> 'subject' = 'Kept' AND status = 'QUEUED'`)).toBe(MANY);
    expect(await count(`mail_messages WHERE content ->> 'subject' = '' AND to_name IS NULL`)).toBe(MANY);
    await sql(`UPDATE mail_messages SET status = 'SKIPPED' WHERE status = 'QUEUED'`);
  });

  it('of mails is the rest when the setting says so, but not of an open invitation', async () => {
    const [open, closed, recent] = [await invite(), await invite(), await invite()];
    for (const { id } of [closed, recent]) await app.api.delete(`/invitations/${id}`, { as: owner });
    await makeOld(open.id, 101);
    await makeOld(closed.id, 101);
    await makeOld(recent.id, 99);
    await insertMails('SENT', 101);
    await tidy();
    expect(await count(`mail_messages WHERE created_at < now() - interval '100 days'`)).toBe(1);
    expect(await deliveryOf(open.id)).toMatchObject({ status: 'SENT' });
    expect(await deliveryOf(recent.id)).toMatchObject({ status: 'SENT' });
    expect(await deliveryOf(closed.id)).toBeNull();
    const { status, body } = await app.api.get(`/organisations/${acme.id}/invitations`, { as: owner });
    expect({ status, length: body.data.length }).toEqual({ status: 200, length: 3 });
  });

  it('are counters of days that are over and answers that nobody may ask for again', async () => {
    await sql(
      `INSERT INTO sending_counters (subject, day, slot, hits) SELECT n::text, '2026-01-01', 0, 1 FROM generate_series(1, ${MANY}) n`,
    );
    await sql(
      `INSERT INTO idempotency_keys (id, request, expires_at) SELECT n::text, '', now() FROM generate_series(1, ${MANY}) n`,
    );
    await tidy();
    expect(await count(`sending_counters WHERE day = '2026-01-01'`)).toBe(0);
    expect(await count('idempotency_keys WHERE expires_at <= now()')).toBe(0);
  });

  it('of the audit is what the operator does not want to keep, and no more', async () => {
    await insertEvents(91);
    await insertEvents(89);
    const before = await count('audit_events');
    await tidy();
    expect(await count('audit_events')).toBe(before - MANY);
    expect(await count(`audit_events WHERE at < now() - interval '90 days'`)).toBe(0);
    const recent = app.dataSource.transaction(async (tx) => {
      await tx.query('SET LOCAL usher.audit_retention_days = 1');
      await tx.query('DELETE FROM audit_events');
    });
    await expect(recent).rejects.toThrow(/audit_events is append-only/);
    await expect(sql('DELETE FROM audit_events')).rejects.toThrow(/audit_events is append-only/);
  });

  it('is nothing of the audit without the setting', async () => {
    const other = await startApp();
    await other.dataSource.query(eventsOf(5_000));
    await other.nest.get(Housekeeping, { strict: false }).run();
    const [{ kept }] = await other.dataSource.query(
      `SELECT count(*)::int AS kept FROM audit_events WHERE action = 'long.ago'`,
    );
    expect(kept).toBe(MANY);
    await other.stop();
  });

  /** Ids as they were made then. */
  const idOf = (days: number): string =>
    `(lpad(to_hex((extract(epoch FROM now() - interval '${days} days') * 1000)::bigint), 12, '0') || right(replace(gen_random_uuid()::text, '-', ''), 20))::uuid`;

  const insertMails = (status: string, days: number) =>
    sql(
      `INSERT INTO mail_messages (id, subject_id, to_address, to_name, content, message_id, status, send_before, next_attempt_at, created_at)
       SELECT ${idOf(days)}, gen_random_uuid(), n || '@example.com', 'Kim', '{"subject": "Kept"}', n, $1, now() + interval '1 day',
         now() + interval '1 hour', now() - $2 * interval '1 day' FROM generate_series(1, ${MANY}) AS n`,
      [status, days],
    );

  const eventsOf = (days: number): string =>
    `INSERT INTO audit_events (id, at, action, actor_type, subject_type)
     SELECT gen_random_uuid(), now() - interval '${days} days', 'long.ago', 'system', 'user' FROM generate_series(1, ${MANY})`;
  const insertEvents = (days: number) => sql(eventsOf(days));

  async function invite(): Promise<{ id: string }> {
    const path = `/organisations/${acme.id}/invitations`;
    const { body } = await app.api.post(path, { email: newAddress(), role: 'MEMBER' }, { as: owner });
    await eventually(async () => expect(await deliveryOf(body.id)).toMatchObject({ status: 'SENT' }));
    return body;
  }

  async function makeOld(invitationId: string, days: number): Promise<void> {
    const [[{ id }]] = await sql(
      `UPDATE mail_messages SET id = ${idOf(days)}, created_at = now() - $2 * interval '1 day' WHERE subject_id = $1 RETURNING id`,
      [invitationId, days],
    );
    await sql('UPDATE invitations SET mail_message_id = $2 WHERE id = $1', [invitationId, id]);
  }

  const deliveryOf = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body.delivery;
});
