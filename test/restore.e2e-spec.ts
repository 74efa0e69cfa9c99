import { readFileSync } from 'node:fs';
import { MailDispatcher } from '@usher/mailer';
import { InvitationRemindersService } from '../apps/api/src/invitations/email/invitation-reminders.service.js';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';

describe('deploy/after-restore.sql', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  beforeAll(async () => {
    app = await startApp();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  async function invite(): Promise<{ id: string; email: string }> {
    const invitation = { email: newAddress(), role: 'MEMBER' };
    const { status, body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
    expect(status).toBe(201);
    return body;
  }

  it('keeps what waited in the backup from being sent, and lets it be sent anew', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const old = await invite();
    const delivery = async () => (await app.api.get(`/invitations/${old.id}`, { as: owner })).body.delivery;
    await eventually(async () => expect(await delivery()).toMatchObject({ status: 'QUEUED', attempts: 1 }));

    await app.dataSource.query(readFileSync('deploy/after-restore.sql', 'utf8'));
    await app.dataSource.query('UPDATE mail_messages SET next_attempt_at = now()');
    app.inbox.refuseWith = null;
    app.nest.get(MailDispatcher).wake();
    for (const later of [await invite(), await invite()]) await app.inbox.newest(later.email);
    expect(app.inbox.to(old.email)).toEqual([]);
    expect(await delivery()).toMatchObject({ status: 'SKIPPED', lastError: expect.stringContaining('backup') });

    await app.dataSource.query(`UPDATE invitations SET last_sent_at = now() - interval '2 minutes'`); // the cool-down
    expect((await app.api.post(`/invitations/${old.id}/resend`, undefined, { as: owner })).status).toBe(200);
    const token = await app.inbox.token(old.email);
    expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
  });

  it('sends no reminder that was due before', async () => {
    const [due, later] = [await invite(), await invite()];
    for (const { id, email } of [due, later]) {
      await app.inbox.newest(email);
      await eventually(async () =>
        expect((await app.api.get(`/invitations/${id}`, { as: owner })).body.delivery.status).toBe('SENT'),
      );
    }
    const dueNow = 'UPDATE invitations SET remind_at = now() WHERE id = $1';
    await app.dataSource.query(dueNow, [due.id]);
    await app.dataSource.query(readFileSync('deploy/after-restore.sql', 'utf8'));
    await app.dataSource.query(dueNow, [later.id]);
    await app.nest.get(InvitationRemindersService).run();
    await app.inbox.newest(later.email, 2);
    expect(app.inbox.to(due.email)).toHaveLength(1);
  });
});
