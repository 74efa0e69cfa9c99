import { InvitationRemindersService } from '../apps/api/src/invitations/email/invitation-reminders.service.js';
import { ADMIN, startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { createDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';
import type { ReceivedMail } from './support/inbox.js';
import { freePort, ServerProcess } from './support/server-process.js';

const FORM = 'application/x-www-form-urlencoded';
const ONE_CLICK = 'List-Unsubscribe=One-Click';

describe('a person who wants no more mails', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let other: Organisation;
  let email: string;

  const inviteTo = (organisation: Organisation, fields: object = {}): Promise<Answer> =>
    app.api.post(`/organisations/${organisation.id}/invitations`, { email, role: 'MEMBER', ...fields }, { as: root });
  const newestMail = () => app.inbox.newest(email, app.inbox.to(email).length || 1);
  /** What stands in the footer of their mail from Acme. */
  const wayOut = async (): Promise<string> => {
    const before = app.inbox.to(email).length;
    await inviteTo(acme);
    return footerToken(await app.inbox.newest(email, before + 1));
  };
  const footerToken = ({ text }: ReceivedMail): string =>
    /http:\/\/usher\.test\/opt-out#token=([\w-]+)\s*$/.exec(text ?? '')?.[1] ?? 'no way out';
  const header = (mail: ReceivedMail, name: string): string | undefined => {
    const line = mail.headerLines.find(({ key }) => key === name)?.line;
    return line?.replace(/^[\w-]+:\s*/, '').replace(/\r?\n\s+/g, '');
  };
  const oneClick = (path: string, body = ONE_CLICK, type = FORM): Promise<Answer> =>
    app.root.post(path, body, { headers: { 'Content-Type': type } });
  /** As it is asked by the header of their newest mail. */
  const buttonOf = async (): Promise<string> => {
    const url = /^<http:\/\/usher\.test(.+)>$/.exec(header(await newestMail(), 'list-unsubscribe') ?? '')?.[1];
    return url ?? '/no-button';
  };
  const lookUp = (token: string): Promise<Answer> => app.api.post('/invitations/refusals/lookup', { token });
  const change = (token: string, wish: object): Promise<Answer> =>
    app.api.post('/invitations/refusals', { token, ...wish });
  const refusals = async (token: string) => (await lookUp(token)).body.refused;
  const deliveryOf = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: root })).body.delivery;
  const expectSkipped = async ({ status, body }: Answer): Promise<void> => {
    expect(status).toBe(201);
    await eventually(async () =>
      expect(await deliveryOf(body.id as string)).toMatchObject({
        status: 'SKIPPED',
        attempts: 0,
        nextAttemptAt: null,
        lastError: 'This person wants no mail from here',
      }),
    );
  };
  const untilHeld = (id: string) =>
    eventually(async () => {
      const [{ held_until: heldUntil }]: { held_until: Date | null }[] = await app.dataSource.query(
        'SELECT held_until FROM mail_messages WHERE subject_id = $1',
        [id],
      );
      expect(heldUntil).not.toBeNull();
    });

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    await app.api.patch('/platform', { limits: { mailsPerRecipientPerDay: null } }, { as: root });
    await app.dataSource.query('DELETE FROM throttles');
    acme = await buildOrganisation(app, root);
    other = await buildOrganisation(app, root);
    email = newAddress('kim');
  });
  afterAll(() => app.stop());

  it('finds the organisation under the name that its mail had', async () => {
    const token = await wayOut();
    await app.api.patch(`/organisations/${acme.id}`, { settings: { displayName: 'Acme at large' } }, { as: root });
    expect((await lookUp(token)).body.organisation).toEqual({ name: 'Acme at large' });
  });

  it('finds the way out last in the mail, and as a button of the mail client', async () => {
    const token = await wayOut();
    const mail = await newestMail();
    expect(mail.html).toMatch(/<a href="http:\/\/usher\.test\/opt-out#token=[\w-]+"[^>]*>Unsubscribe<\/a>/);
    expect(mail.text).toMatch(/Unsubscribe:\nhttp:\/\/usher\.test\/opt-out#token=[\w-]+\s*$/);
    expect(header(mail, 'list-unsubscribe')).toMatch(/^<http:\/\/usher\.test\/opt-out\?token=[\w-]+>$/);
    expect(header(mail, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(await lookUp(token)).toMatchObject({
      status: 200,
      body: {
        email: 'k•••@example.com',
        organisation: { name: acme.name },
        refused: { organisation: false, platform: false },
      },
    });
  });

  it('is told of it in the language of the mail', async () => {
    await inviteTo(acme, { locale: 'de' });
    expect((await newestMail()).text).toContain('Keine solchen E-Mails mehr:');
  });

  it.each([
    ['a form', ONE_CLICK, FORM],
    ['a form with a character set', ONE_CLICK, `${FORM}; charset=utf-8`],
    [
      'multipart',
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      'multipart/form-data; boundary=x',
    ],
  ])('unsubscribes at one click, sent as %s, from that organisation alone', async (_words, body, type) => {
    const token = await wayOut();
    const path = await buttonOf();
    for (let times = 0; times < 2; times += 1) {
      expect(await oneClick(path, body, type)).toMatchObject({ status: 204, body: '' });
    }
    expect(await refusals(token)).toEqual({ organisation: true, platform: false });
    await app.api.delete(`/invitations/${await openInvitation()}`, { as: root });
    await expectSkipped(await inviteTo(acme));
    await inviteTo(other);
    await app.inbox.newest(email, 2);
    expect(app.inbox.to(email)).toHaveLength(2);
  });

  const openInvitation = async (): Promise<string> =>
    (await app.api.get(`/organisations/${acme.id}/invitations?email=${email}&status=PENDING`, { as: root })).body
      .data[0].id;

  it('changes nothing by looking', async () => {
    const token = await wayOut();
    const path = await buttonOf();
    for (const method of ['GET', 'HEAD']) {
      expect((await app.root.send(method, path)).status).toBe(200);
      expect((await app.root.send(method, '/opt-out')).status).toBe(200);
    }
    expect(await refusals(token)).toEqual({ organisation: false, platform: false });
  });

  it('is skipped when somebody sends again, and reached again when they take it back', async () => {
    const token = await wayOut();
    const id = await openInvitation();
    expect((await change(token, { organisation: true })).status).toBe(204);
    await app.api.post(`/invitations/${id}/resend`, {}, { as: root });
    await eventually(async () => expect((await deliveryOf(id)).status).toBe('SKIPPED'));
    expect((await change(token, { organisation: false })).status).toBe(204);
    expect(await refusals(token)).toEqual({ organisation: false, platform: false });
    expect((await deliveryOf(id)).status).toBe('SKIPPED');
    await app.dataSource.query(`UPDATE invitations SET last_sent_at = now() - interval '1 hour' WHERE id = $1`, [id]);
    await app.api.post(`/invitations/${id}/resend`, {}, { as: root });
    await app.inbox.newest(email, 2);
  });

  it('looks to senders like somebody whose mails wait, when they refuse the whole installation', async () => {
    const token = await wayOut();
    expect((await change(token, { platform: true })).status).toBe(204);
    expect(await refusals(token)).toEqual({ organisation: false, platform: true });
    const refused = await inviteTo(other);
    await untilHeld(refused.body.id as string);

    // Somebody else has got enough for today.
    await app.api.patch('/platform', { limits: { mailsPerRecipientPerDay: 1 } }, { as: root });
    const [refusing, patient] = [email, newAddress('jo')];
    email = patient;
    await inviteTo(acme);
    await newestMail();
    const waiting = await inviteTo(other);
    await untilHeld(waiting.body.id as string);

    const shown = async ({ body }: Answer) => {
      const { createdAt, delivery } = (await app.api.get(`/invitations/${body.id}`, { as: root })).body;
      return { ...delivery, nextAttemptAt: Date.parse(delivery.nextAttemptAt) - Date.parse(createdAt) < 1000 };
    };
    expect(await shown(refused)).toEqual(await shown(waiting));
    expect(await shown(refused)).toEqual({
      status: 'QUEUED',
      attempts: 0,
      lastAttemptAt: null,
      nextAttemptAt: true,
      lastError: null,
    });
    expect(refused.status).toBe(waiting.status);
    expect(Object.keys(refused.body)).toEqual(Object.keys(waiting.body));
    expect(app.inbox.to(refusing)).toHaveLength(1);
  });

  it('gets what was held back once they welcome mails again', async () => {
    const token = await wayOut();
    expect((await change(token, { platform: true })).status).toBe(204);
    await untilHeld((await inviteTo(other)).body.id as string);
    expect((await change(token, { platform: false })).status).toBe(204);
    expect((await app.inbox.newest(email, 2)).subject).toContain(other.name);
  });

  it('refuses the installation by an invitation to the platform', async () => {
    await app.api.post('/platform/invitations', { email, platformRole: 'MEMBER' }, { as: root });
    const token = footerToken(await newestMail());
    expect((await lookUp(token)).body.organisation).toBeNull();
    expect((await change(token, { organisation: true })).body.errors[0].pointer).toBe('#/organisation');
    expect((await oneClick(await buttonOf())).status).toBe(204);
    expect(await refusals(token)).toEqual({ organisation: false, platform: true });
    await untilHeld((await inviteTo(acme)).body.id as string);
  });

  it('still gets mails about their account, which show no way out', async () => {
    const person = await buildUser(app, root);
    ({ email } = person);
    expect((await change(await wayOut(), { organisation: true, platform: true })).status).toBe(204);
    const before = app.inbox.to(email).length;
    await app.api.post('/auth/password-resets', { email });
    const reset = await app.inbox.newest(email, before + 1);
    expect(reset.text).toContain('/reset#token=');
    expect(reset.text).not.toContain('opt-out');
    expect(header(reset, 'list-unsubscribe')).toBeUndefined();

    const member = await buildMember(app, root, acme);
    ({ email } = member);
    const { id } = await buildProject(app, root, acme);
    await app.api.post(`/projects/${id}/members`, { userId: member.id, role: 'VIEWER' }, { as: root });
    expect((await app.inbox.newest(email, 2)).text).not.toContain('opt-out');
  });

  it('is not reminded by an organisation that they refuse', async () => {
    const token = await wayOut();
    const id = await openInvitation();
    await eventually(async () => expect((await deliveryOf(id)).status).toBe('SENT'));
    expect((await change(token, { organisation: true })).status).toBe(204);
    await app.dataSource.query('UPDATE invitations SET remind_at = now() WHERE id = $1', [id]);
    await app.nest.get(InvitationRemindersService).run();
    expect((await deliveryOf(id)).status).toBe('SENT');
    const mails = await app.dataSource.query('SELECT 1 FROM mail_messages WHERE subject_id = $1', [id]);
    expect(mails).toHaveLength(1);
  });

  it('leaves no address behind, and stays refused when they are erased', async () => {
    const token = await wayOut();
    const { body } = await app.api.post('/invitations/accept', {
      token: await app.inbox.token(email),
      password: PASSWORD,
    });
    const { id } = (await app.api.get('/me', { as: body.session })).body;
    expect((await change(token, { organisation: true, platform: true })).status).toBe(204);
    expect((await app.api.delete(`/users/${id}`, { as: root })).status).toBe(204);
    const rows = await app.dataSource.query('SELECT to_jsonb(r) FROM mail_refusals r');
    expect(JSON.stringify(rows)).not.toContain('@');
    expect(await refusals(token)).toEqual({ organisation: true, platform: true });
    await expectSkipped(await inviteTo(acme));
  });

  describe('in the audit trail', () => {
    it('is no name: an organisation sees that it was refused, and nothing of the others', async () => {
      const token = await wayOut();
      expect((await change(token, { organisation: true, platform: true })).status).toBe(204);
      expect((await change(token, { organisation: true })).status).toBe(204);
      expect((await change(token, { organisation: false })).status).toBe(204);
      const { body } = await app.api.get(`/organisations/${acme.id}/audit-events`, { as: root });
      const events = body.data.filter(({ action }: { action: string }) => action.startsWith('mail.'));
      expect(events.map(({ action }: { action: string }) => action)).toEqual(['mail.opted_in', 'mail.opted_out']);
      expect(events[0].subject).toEqual(events[1].subject);
      expect(events[0]).toMatchObject({ subject: { type: 'mail_refusal' }, before: null, after: null });
      const everywhere = await app.api.get('/platform/audit-events?action=mail.opted_out', { as: root });
      expect(everywhere.body.data.length).toBeGreaterThan(1);
      expect(JSON.stringify([body, everywhere.body])).not.toContain(email);
    });
  });

  describe('by a secret', () => {
    it('that acts for nobody else and for no other organisation', async () => {
      const token = await wayOut();
      const mine = email;
      email = newAddress('jo');
      const theirs = await wayOut();
      expect((await change(token, { organisation: true })).status).toBe(204);
      expect(await refusals(theirs)).toEqual({ organisation: false, platform: false });
      email = mine;
      await inviteTo(other);
      await app.inbox.newest(email, 2);
      expect(await refusals(footerToken(await newestMail()))).toEqual({ organisation: false, platform: false });
    });

    it('that is refused when it was tampered with, cut off, or is another one', async () => {
      const token = await wayOut();
      const flipped = token.slice(0, 40) + (token[40] === 'A' ? 'B' : 'A') + token.slice(41);
      for (const wrong of [flipped, token.slice(0, -8), 'x', '', await app.inbox.token(email)]) {
        expect(await lookUp(wrong)).toMatchObject({ status: 410, body: { code: 'opt_out_closed' } });
        expect((await change(wrong, { platform: true })).status).toBe(410);
        expect((await oneClick(`/opt-out?token=${wrong}`)).status).toBe(410);
      }
      expect((await oneClick('/opt-out')).status).toBe(400);
      expect((await lookUp('x'.repeat(601))).status).toBe(400);
      expect(await refusals(token)).toEqual({ organisation: false, platform: false });
    });

    it('that cannot be guessed at: thirty wrong ones a minute', async () => {
      const token = await wayOut();
      for (let guess = 0; guess < 30; guess += 1) await lookUp(`guess-${guess}`);
      expect(await lookUp(token)).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    });

    it('that opens no invitation', async () => {
      const token = await wayOut();
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(410);
    });

    it('that stands nowhere in the database', async () => {
      const inFooter = await wayOut();
      const button = await buttonOf();
      await oneClick(button);
      await change(inFooter, { organisation: false });
      const tables = ['audit_events', 'mail_messages', 'mail_refusals', 'idempotency_keys'];
      for (const table of tables) {
        const rows = await app.dataSource.query(`SELECT to_jsonb(t) FROM ${table} t`);
        for (const secret of [inFooter, button.split('=')[1]]) expect(JSON.stringify(rows)).not.toContain(secret);
      }
    });

    it('that is never logged, though it stands in an address', async () => {
      const database = await createDatabase();
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const server = await new ServerProcess({
        NODE_ENV: 'test',
        PORT: port,
        PUBLIC_URL: url,
        APP_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        LOG_LEVEL: 'debug',
        ...database.environment,
      }).untilUp();
      const token = 'TheSecretOfTheButton';
      const form = { method: 'POST', headers: { 'Content-Type': FORM }, body: ONE_CLICK };
      const answers = [
        await fetch(`${url}/opt-out?token=${token}`),
        await fetch(`${url}/opt-out?token=${token}`, form),
        await fetch(`${url}/opt-out?token=${token}`, { ...form, headers: { 'Content-Type': 'text/csv' } }),
        await fetch(`${url}/opt-out?token=${token}`, { method: 'PUT' }),
        await fetch(`${url}/opt-out?token=${token.repeat(40)}`, form),
        await fetch(`${url}/%%opt-out?token=${token}`, form),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 410, 415, 404, 400, 400]);
      for (const { headers } of answers) expect(JSON.stringify([...headers])).not.toContain(token);
      expect(answers[0].headers.get('referrer-policy')).toBe('no-referrer');
      await eventually(() => expect(server.output.match(/"route":"\/opt-out"/g)?.length).toBeGreaterThan(3));
      expect(server.output).not.toContain(token);
      await server.kill();
      await database.drop();
    });
  });
});
