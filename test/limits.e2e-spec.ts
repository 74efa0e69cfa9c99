import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildUser,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

describe('sending limits', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;

  const DEFAULTS = {
    resendCooldownSeconds: 60,
    mailsPerRecipientPerDay: 5,
    invitationsPerInviterPerDay: 2000,
    invitationsPerOrganisationPerDay: 10_000,
  };
  const set = async (limits: object) => {
    const { status } = await app.api.patch('/platform', { limits }, { as: root });
    expect(status).toBe(200);
  };
  const invite = (as: Person, organisation = acme, fields: object = {}): Promise<Answer> =>
    app.api.post(
      `/organisations/${organisation.id}/invitations`,
      { email: newAddress(), role: 'MEMBER', ...fields },
      { as },
    );
  const resend = (id: string, as: Person): Promise<Answer> => app.api.post(`/invitations/${id}/resend`, {}, { as });
  const deliveryOf = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: root })).body.delivery;
  const statuses = (answers: Answer[]) => answers.map(({ status }) => status).sort();
  const nextDay = () => app.dataSource.query(`DELETE FROM sending_counters`);

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    await set(DEFAULTS);
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
  });
  afterAll(() => app.stop());

  it('are five mails a day for a recipient, and some thousands for an inviter and an organisation', async () => {
    const fresh = await startApp();
    const { body } = await fresh.api.get('/platform', { as: await signInAdmin(fresh) });
    expect(body.limits).toEqual(DEFAULTS);
    await fresh.stop();
  });

  it.each(Object.keys(DEFAULTS))('are refused where they make no sense: %s', async (name) => {
    for (const wrong of [0, -1, 1.5, '5', 1e9]) {
      const refused = await app.api.patch('/platform', { limits: { [name]: wrong } }, { as: root });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: `#/limits/${name}` }] } });
    }
  });

  describe('of a recipient', () => {
    it('hold exactly, however many requests come at once', async () => {
      await set({ resendCooldownSeconds: null, mailsPerRecipientPerDay: 3 });
      const { body } = await invite(owner);
      const answers = await Promise.all(Array.from({ length: 8 }, () => resend(body.id as string, owner)));
      expect(statuses(answers)).toEqual([200, 200, 429, 429, 429, 429, 429, 429]);
      const refused = answers.find(({ status }) => status === 429);
      expect(refused?.body.code).toBe('sending_limit_reached');
      const seconds = Number(refused?.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(86_400);
    });

    it('change nothing when they refuse, and end with the day', async () => {
      await set({ resendCooldownSeconds: null, mailsPerRecipientPerDay: 1 });
      const { body } = await invite(owner);
      const token = await app.inbox.token(body.email as string);
      expect((await resend(body.id as string, owner)).status).toBe(429);
      expect((await app.api.patch(`/invitations/${body.id}`, { role: 'ADMIN' }, { as: owner })).status).toBe(429);
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
      await app.api.delete(`/invitations/${body.id}`, { as: owner });
      expect((await invite(owner, acme, { email: body.email })).status).toBe(429);
      await nextDay();
      expect((await invite(owner, acme, { email: body.email })).status).toBe(201);
    });

    it('count a link that is shown like a mail', async () => {
      await set({ resendCooldownSeconds: null, mailsPerRecipientPerDay: 1 });
      const { body } = await invite(owner, acme, { sendEmail: false });
      expect(body.link).toBeDefined();
      expect((await resend(body.id as string, owner)).status).toBe(429);
    });

    it('do not show across organisations: the mail waits, and looks like any other in the queue', async () => {
      await set({ mailsPerRecipientPerDay: 2 });
      const email = newAddress();
      const others = [await buildOrganisation(app, root), await buildOrganisation(app, root)];
      for (const organisation of others) {
        const { body } = await invite(root, organisation, { email });
        await eventually(async () => expect((await deliveryOf(body.id as string)).status).toBe('SENT'));
      }
      const third = await invite(owner, acme, { email });
      expect(third.status).toBe(201);
      const untouched = third.body.delivery;
      const [{ id: messageId }]: { id: string }[] = await app.dataSource.query(
        'SELECT mail_message_id AS id FROM invitations WHERE id = $1',
        [third.body.id],
      );
      await eventually(async () => {
        const [{ held_until }]: { held_until: Date | null }[] = await app.dataSource.query(
          'SELECT held_until FROM mail_messages WHERE id = $1',
          [messageId],
        );
        expect(held_until).not.toBeNull();
      });
      expect(await deliveryOf(third.body.id as string)).toEqual(untouched);
      expect(untouched).toMatchObject({ status: 'QUEUED', attempts: 0, lastAttemptAt: null, lastError: null });
      expect(app.inbox.to(email)).toHaveLength(2);

      await nextDay();
      await app.dataSource.query(`UPDATE mail_messages SET held_until = now() WHERE id = $1`, [messageId]);
      await app.inbox.newest(email, 3);
    });

    it('never hold back a password reset', async () => {
      await set({ mailsPerRecipientPerDay: 1 });
      const person = await buildUser(app, root);
      const before = app.inbox.to(person.email).length;
      await app.api.post('/auth/password-resets', { email: person.email });
      await app.inbox.newest(person.email, before + 1);
    });

    it('keep no address', async () => {
      const { body } = await invite(owner);
      const rows: object[] = await app.dataSource.query('SELECT * FROM sending_counters');
      expect(rows.length).toBeGreaterThan(2);
      expect(JSON.stringify(rows)).not.toContain(body.email);
      expect(JSON.stringify(rows)).not.toContain(owner.id);
    });
  });

  describe('of an inviter and an organisation', () => {
    it('refuse what is more in one day, from this inviter alone', async () => {
      const second = await buildMember(app, root, acme, { role: 'ADMIN' });
      await set({ invitationsPerInviterPerDay: 3 });
      for (let sent = 0; sent < 3; sent += 1) expect((await invite(owner)).status).toBe(201);
      expect(await invite(owner)).toMatchObject({ status: 429, body: { code: 'sending_limit_reached' } });
      expect((await invite(second)).status).toBe(201);
    });

    it('refuse what is more in one day, from this organisation alone', async () => {
      await set({ invitationsPerOrganisationPerDay: 3 }); // two brought in the owner and the admin
      const elsewhere = await buildOrganisation(app, root);
      const second = await buildMember(app, root, acme, { role: 'ADMIN' });
      expect((await invite(owner)).status).toBe(201);
      expect(await invite(second)).toMatchObject({ status: 429, body: { code: 'sending_limit_reached' } });
      expect((await invite(root, elsewhere)).status).toBe(201);
    });

    it('may be passed only by what is under way at the same instant', async () => {
      await set({ invitationsPerInviterPerDay: 10 });
      const answers = await Promise.all(Array.from({ length: 25 }, () => invite(owner)));
      const created = answers.filter(({ status }) => status === 201).length;
      expect(created).toBeGreaterThanOrEqual(10);
      expect(created).toBeLessThanOrEqual(20); // the pool lets ten transactions run at once
      expect((await invite(owner)).status).toBe(429);
    });

    it('can be switched off', async () => {
      await set({ invitationsPerInviterPerDay: 1 });
      expect(statuses([await invite(owner), await invite(owner)])).toEqual([201, 429]);
      await set({ invitationsPerInviterPerDay: null });
      expect((await invite(owner)).status).toBe(201);
    });
  });
});
