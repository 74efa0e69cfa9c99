import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InvitationRemindersService } from '../apps/api/src/invitations/email/invitation-reminders.service.js';
import { startApp, startInstance, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';
import { tokenOf } from './support/inbox.js';
import { describeOnServer, expectOnly, play, race, statuses } from './support/races.js';

const HOUR = 3_600_000;

describe('a reminder', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;

  const get = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: root })).body;
  const patch = (path: string, body: object) => app.api.patch(path, body, { as: root });
  /** An invitation whose mail has arrived, and is known to. */
  const invite = async (fields: object = {}, as = root) => {
    const invitation = { email: newAddress('kim'), role: 'MEMBER', ...fields };
    const { status, body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as });
    expect(status).toBe(201);
    const mail = await app.inbox.newest(invitation.email);
    await eventually(async () => expect((await get(body.id as string)).delivery.status).toBe('SENT'));
    return { id: body.id as string, email: invitation.email, token: tokenOf(mail) };
  };
  const remindAt = async (id: string): Promise<Date | null> => {
    const [row]: { remind_at: Date | null }[] = await app.dataSource.query(
      'SELECT remind_at FROM invitations WHERE id = $1',
      [id],
    );
    return row.remind_at;
  };
  const becomesDue = (id: string) =>
    app.dataSource.query(`UPDATE invitations SET remind_at = now() WHERE id = $1 AND remind_at IS NOT NULL`, [id]);
  const look = () => app.nest.get(InvitationRemindersService).run();
  const lookUp = async (token: string) => (await app.api.post('/invitations/lookup', { token })).status;
  const accept = (token: string) => app.api.post('/invitations/accept', { token, password: PASSWORD });
  /** Mails about it, whatever became of them. */
  const mailsAbout = async (id: string): Promise<number> =>
    (await app.dataSource.query('SELECT 1 FROM mail_messages WHERE subject_id = $1', [id])).length;
  const reminded = async (fields: object = {}) => {
    const invitation = await invite(fields);
    await becomesDue(invitation.id);
    await look();
    return { ...invitation, second: await app.inbox.token(invitation.email, 2) };
  };
  const expectNone = async (id: string, mails = 1): Promise<void> => {
    await becomesDue(id);
    await look();
    expect(await mailsAbout(id)).toBe(mails);
    const due = await app.dataSource.query(
      `SELECT 1 FROM invitations WHERE id = $1 AND status = 'PENDING' AND remind_at <= now()`,
      [id],
    );
    expect(due).toEqual([]);
  };

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    const limits = { mailsPerRecipientPerDay: 5, resendCooldownSeconds: null };
    await patch('/platform', { reminderHours: 48, limits });
  });
  afterAll(() => app.stop());

  it('comes once, two days before the end, and says who invited to what, and until when', async () => {
    const inviter = await buildMember(app, root, acme, { role: 'ADMIN' });
    const { id, email, token } = await invite({ message: 'Glad you come' }, inviter);
    const { expiresAt } = await get(id);
    expect((await remindAt(id))?.getTime()).toBe(Date.parse(expiresAt as string) - 48 * HOUR);
    await look();
    expect(app.inbox.to(email)).toHaveLength(1);

    await becomesDue(id);
    await look();
    const mail = await app.inbox.newest(email, 2);
    expect(mail.subject).toBe(`Reminder: Kim Lee invited you to ${acme.name}`);
    expect(mail.text).toMatch(/The invitation expires on \d+ \w+ \d{4} at \d\d:\d\d UTC/);
    expect(mail.text).toContain('Glad you come');
    expect(tokenOf(mail)).not.toBe(token);
    await expectNone(id, 2);
  });

  it('speaks the language of the invitation', async () => {
    const { email } = await reminded({ locale: 'de' });
    expect((await app.inbox.newest(email, 2)).subject).toBe(
      `Erinnerung: root@usher.test hat Sie zu ${acme.name} eingeladen`,
    );
  });

  it('has a link of its own, and the first one keeps working', async () => {
    const { id, token, second } = await reminded();
    expect([await lookUp(token), await lookUp(second)]).toEqual([200, 200]);
    const { status, body } = await accept(second);
    expect(status).toBe(200);
    expect((await app.api.get('/me', { as: body.session })).body.emailVerified).toBe(true);
    expect((await get(id)).status).toBe('ACCEPTED');
    expect([await lookUp(token), await lookUp(second)]).toEqual([410, 410]);
    for (const spent of [token, second]) {
      expect((await accept(spent)).body.code).toBe('invitation_closed');
      const again = await app.api.post('/invitations/accept', { token: spent }, { as: body.session });
      expect(again).toMatchObject({ status: 200, body: { memberships: [{ organisation: { id: acme.id } }] } });
    }
  });

  it('declines as the first link does', async () => {
    const { id, token, second } = await reminded();
    expect((await app.api.post('/invitations/decline', { token: second })).status).toBe(204);
    expect((await get(id)).status).toBe('DECLINED');
    expect(await lookUp(token)).toBe(410);
  });

  it('is no new sending, shows as the latest mail, and is in the audit trail', async () => {
    const { id } = await reminded();
    await eventually(async () => expect((await get(id)).delivery).toMatchObject({ status: 'SENT', attempts: 1 }));
    expect(await get(id)).toMatchObject({ sendCount: 1, reminder: true, status: 'PENDING' });
    expect(await mailsAbout(id)).toBe(2);
    const { body } = await app.api.get(`/organisations/${acme.id}/audit-events?subject=${id}`, { as: root });
    const events = body.data.filter(({ action }: { action: string }) => action === 'invitation.reminded');
    expect(events).toMatchObject([{ actor: { type: 'system', id: null }, before: null, after: null }]);
  });

  it('keeps its secret as a hash alone', async () => {
    const { id, second } = await reminded();
    await eventually(async () => expect((await get(id)).delivery.status).toBe('SENT'));
    const rows = await app.dataSource.query(
      `SELECT to_jsonb(i) AS kept FROM invitations i WHERE id = $1
       UNION ALL SELECT to_jsonb(m) FROM mail_messages m WHERE subject_id = $1
       UNION ALL SELECT to_jsonb(a) FROM audit_events a WHERE subject_id = $1::text`,
      [id],
    );
    expect(JSON.stringify(rows)).not.toContain(second);
  });

  describe('of a resent invitation', () => {
    it('comes anew; both old links are dead, and ask for a fresh one', async () => {
      const { id, email, token, second } = await reminded();
      await app.api.post(`/invitations/${id}/resend`, {}, { as: root });
      const fresh = await app.inbox.token(email, 3);
      expect([await lookUp(token), await lookUp(second), await lookUp(fresh)]).toEqual([410, 410, 200]);
      for (const old of [token, second]) {
        await app.dataSource.query('UPDATE invitations SET renewal_requested_at = NULL WHERE id = $1', [id]);
        const before = app.inbox.to(root.email).length;
        await app.api.post('/invitations/renewal-requests', { token: old });
        expect((await app.inbox.newest(root.email, before + 1)).subject).toContain('is asking for a new invitation');
      }
      await eventually(async () => expect((await get(id)).delivery.status).toBe('SENT'));
      await becomesDue(id);
      await look();
      await app.inbox.newest(email, 4);
    });

    it('is taken back while it is queued', async () => {
      const { id, email } = await invite();
      await becomesDue(id);
      app.inbox.refuseWith = { code: 451, message: 'Later' };
      await look();
      await eventually(async () => expect((await get(id)).delivery).toMatchObject({ status: 'QUEUED', attempts: 1 }));
      app.inbox.refuseWith = null;
      await app.api.delete(`/invitations/${id}`, { as: root });
      expect((await get(id)).delivery.status).toBe('SKIPPED');
      expect(app.inbox.to(email)).toHaveLength(1);
    });
  });

  describe('does not come', () => {
    const revoke = (id: string) => app.api.delete(`/invitations/${id}`, { as: root });
    const resend = (id: string, body: object = {}) => app.api.post(`/invitations/${id}/resend`, body, { as: root });

    it.each<[string, (id: string, token: string) => Promise<unknown>]>([
      ['it was revoked', (id) => revoke(id)],
      ['it was accepted', (_id, token) => accept(token)],
      ['it was declined', (_id, token) => app.api.post('/invitations/decline', { token })],
      ['its link was shown instead', (id) => resend(id, { sendEmail: false })],
      ['its life is over', (id) => sql(`UPDATE invitations SET expires_at = now() WHERE id = $1`, id)],
      ['its mail bounced', (id) => sql(`UPDATE mail_messages SET status = 'BOUNCED' WHERE subject_id = $1`, id)],
      ['its mail was called spam', (id) => sql(mailIs('COMPLAINED'), id)],
      ['its mail could not be sent', (id) => sql(mailIs('FAILED'), id)],
      ['its mail still waits', (id) => sql(mailIs('QUEUED', `next_attempt_at = now() + interval '1 day'`), id)],
      ['the invitation wants none', (id) => patch(`/invitations/${id}`, { reminder: false })],
      ['the organisation wants none', () => patch(`/organisations/${acme.id}`, { settings: { reminderHours: 0 } })],
      ['the platform wants none', () => patch('/platform', { reminderHours: 0 })],
      ['the organisation is suspended', () => suspend()],
    ])('when %s', async (_why, meanwhile) => {
      const { id, token } = await invite();
      await becomesDue(id);
      await meanwhile(id, token);
      await expectNone(id);
    });

    const sql = (statement: string, id: string) => app.dataSource.query(statement, [id]);
    const mailIs = (status: string, more = 'attempts = attempts') =>
      `UPDATE mail_messages SET status = '${status}', ${more} WHERE subject_id = $1`;
    const suspend = () => app.api.put(`/organisations/${acme.id}/status`, { status: 'SUSPENDED' }, { as: root });

    it('at the old moment when it was resent: that moment moves on', async () => {
      const { id, email } = await invite();
      await becomesDue(id);
      await resend(id);
      await app.inbox.newest(email, 2);
      await look();
      expect(await mailsAbout(id)).toBe(2);
      expect(Number(await remindAt(id))).toBeGreaterThan(Date.now());
    });

    it('when its inviter could not send it any more', async () => {
      const inviter = await buildMember(app, root, acme, { role: 'ADMIN' });
      const { id } = await invite({ role: 'ADMIN' }, inviter);
      // Behind the back of the withdrawal that a demotion brings about.
      await app.dataSource.query(
        `UPDATE memberships SET role_id = (SELECT id FROM roles WHERE key = 'MEMBER' AND scope = 'ORGANISATION')
         WHERE user_id = $1`,
        [inviter.id],
      );
      await expectNone(id);
    });

    it('when its project is gone', async () => {
      const { id: projectId } = await buildProject(app, root, acme);
      const email = newAddress();
      const path = `/projects/${projectId}/invitations`;
      const { body } = await app.api.post(path, { email, role: 'VIEWER' }, { as: root });
      await eventually(async () => expect((await get(body.id as string)).delivery.status).toBe('SENT'));
      await app.dataSource.query('DELETE FROM projects WHERE id = $1', [projectId]);
      await expectNone(body.id as string);
    });

    it('when its recipient got enough from here today', async () => {
      await patch('/platform', { limits: { mailsPerRecipientPerDay: 1 } });
      const { id } = await invite();
      await expectNone(id);
    });
  });

  describe('is due', () => {
    it.each([
      [{ expiresInHours: 95 }, null],
      [{ expiresInHours: 96 }, 48],
      [{ reminder: false }, null],
      [{ sendEmail: false }, null],
    ])('for %j %j hours before the end', async (fields, hours) => {
      const invitation = { email: newAddress(), role: 'MEMBER', ...fields };
      const { body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: root });
      const at = hours && Date.parse(body.expiresAt as string) - hours * HOUR;
      expect((await remindAt(body.id as string))?.getTime() ?? null).toBe(at);
    });

    it('when the organisation says, else when the platform says', async () => {
      const lead = async () => {
        const { id } = await invite();
        const at = await remindAt(id);
        return at && (Date.parse((await get(id)).expiresAt as string) - at.getTime()) / HOUR;
      };
      await patch('/platform', { reminderHours: 24 });
      expect(await lead()).toBe(24);
      await patch(`/organisations/${acme.id}`, { settings: { reminderHours: 72 } });
      expect(await lead()).toBe(72);
      await patch(`/organisations/${acme.id}`, { settings: { reminderHours: 0 } });
      expect(await lead()).toBeNull();
      await patch(`/organisations/${acme.id}`, { settings: { reminderHours: null } });
      expect(await lead()).toBe(24);
      for (const wrong of [-1, 721, 1.5, '24'])
        expect((await patch('/platform', { reminderHours: wrong })).body.errors[0].pointer).toBe('#/reminderHours');
    });

    it('at another moment when the end moves, and not again once it came', async () => {
      const { id, second } = await reminded();
      const waiting = await invite();
      for (const each of [id, waiting.id]) await patch(`/invitations/${each}`, { expiresInHours: 200 });
      expect(await remindAt(id)).toBeNull();
      expect(await lookUp(second)).toBe(200);
      const { expiresAt } = await get(waiting.id);
      expect((await remindAt(waiting.id))?.getTime()).toBe(Date.parse(expiresAt as string) - 48 * HOUR);
    });

    it('again when it is wanted after all, and unmoved by other changes', async () => {
      const { id } = await invite({ reminder: false });
      expect(await remindAt(id)).toBeNull();
      await patch(`/invitations/${id}`, { givenName: 'Kim' });
      expect(await remindAt(id)).toBeNull();
      expect((await patch(`/invitations/${id}`, { reminder: true })).body.reminder).toBe(true);
      expect(await remindAt(id)).not.toBeNull();
      const before = await remindAt(id);
      await patch('/platform', { reminderHours: 24 });
      await patch(`/invitations/${id}`, { givenName: 'Kimmy' });
      expect(await remindAt(id)).toEqual(before);
    });
  });

  it('waits like any mail when its recipient got enough across organisations', async () => {
    const { id, email } = await invite();
    await patch('/platform', { limits: { mailsPerRecipientPerDay: 2 } });
    acme = await buildOrganisation(app, root);
    await invite({ email });
    await eventually(() => expect(app.inbox.to(email)).toHaveLength(2));
    await becomesDue(id);
    await look();
    expect((await get(id)).delivery).toMatchObject({ status: 'QUEUED', attempts: 0 });
    await eventually(async () => {
      const [{ held_until: heldUntil }]: { held_until: Date | null }[] = await app.dataSource.query(
        `SELECT held_until FROM mail_messages WHERE subject_id = $1 AND status = 'QUEUED'`,
        [id],
      );
      expect(heldUntil).not.toBeNull();
    });
    expect(app.inbox.to(email)).toHaveLength(2);
  });

  it('that cannot be written holds up no other', async () => {
    const [broken, whole] = [await invite(), await invite()];
    for (const { id } of [broken, whole]) await becomesDue(id);
    await app.dataSource.query('UPDATE invitations SET invited_by_id = $2, remind_at = $3 WHERE id = $1', [
      broken.id,
      root.id,
      new Date(0),
    ]);
    await app.dataSource.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$`,
    );
    await app.dataSource.query(
      `CREATE TRIGGER refuse BEFORE UPDATE OF reminder_token_hash ON invitations FOR EACH ROW
       WHEN (NEW.id = '${broken.id}') EXECUTE FUNCTION refuse()`,
    );
    await look();
    await app.inbox.newest(whole.email, 2);
    expect(Number(await remindAt(broken.id))).toBeGreaterThan(Date.now());
    await app.dataSource.query('DROP TRIGGER refuse ON invitations');
  });

  describeOnServer('with several servers', () => {
    const others: NestFastifyApplication[] = [];
    const another = async () => {
      const { nest } = await startInstance(app.environment);
      others.push(nest);
      return nest;
    };
    afterEach(async () => {
      for (const nest of others.splice(0)) await nest.close();
    });

    it('comes once, however many look at the same instant', async () => {
      const replicas = [app.nest, await another(), await another()];
      const invitations = await Promise.all(Array.from({ length: 12 }, () => invite()));
      for (const { id } of invitations) await becomesDue(id);
      await Promise.all(replicas.map((nest) => nest.get(InvitationRemindersService).run()));
      for (const { id, email } of invitations) {
        await app.inbox.newest(email, 2);
        expect(await mailsAbout(id)).toBe(2);
      }
    });

    it('comes by the clock of the database, not by theirs', async () => {
      const { id } = await invite();
      jest.useFakeTimers({ now: Date.now() + 6 * 24 * HOUR, advanceTimers: true });
      await look().finally(() => jest.useRealTimers());
      expect(await mailsAbout(id)).toBe(1);
    });

    it('comes from each of them every minute, and from none that has stopped', async () => {
      const timers = jest.spyOn(global, 'setInterval');
      const nest = await another();
      const everyMinute = timers.mock.calls.filter(([, milliseconds]) => milliseconds === 60_000);
      timers.mockRestore();
      const { id, email } = await invite();
      await becomesDue(id);
      for (const [look] of everyMinute) look();
      await app.inbox.newest(email, 2);

      const later = await invite();
      await becomesDue(later.id);
      await nest.get(InvitationRemindersService).onModuleDestroy();
      await nest.get(InvitationRemindersService).run();
      expect(await mailsAbout(later.id)).toBe(1);
    });

    it('lets in once by two links at the same instant', async () => {
      const outcomes = await play(async (round) => {
        const { id, email, token, second } = await reminded();
        const answers = await race(
          round,
          () => accept(token),
          () => accept(second),
        );
        const [{ accounts }]: { accounts: number }[] = await app.dataSource.query(
          'SELECT count(*)::int AS accounts FROM users WHERE email = $1',
          [email],
        );
        return `${statuses(answers)} ${accounts} ${(await get(id)).status}`;
      }, 12);
      // The later one may find the account that the first one made.
      expectOnly(outcomes, '200 410 1 ACCEPTED', '200 401 1 ACCEPTED');
    });
  });
});
