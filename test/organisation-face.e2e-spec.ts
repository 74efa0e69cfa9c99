import { Mailbox, MailDispatcher } from '@usher/mailer';
import { startApp, type TestApp } from './support/app.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';
import { eventually } from './support/eventually.js';
import { tokenOf } from './support/inbox.js';

const LOGOS = 'https://assets.example.com';
const FACE = {
  displayName: 'Acme Corporation',
  logoUrl: `${LOGOS}/acme.png?size=2&v=3`,
  accentColour: '#0f766e',
  replyTo: 'office@acme.example',
  supportEmail: 'help@acme.example',
};
const NONE = { displayName: null, logoUrl: null, accentColour: null, replyTo: null, supportEmail: null };

describe("an organisation's face", () => {
  let app: TestApp;
  let admin: Person;
  let acme: Organisation;
  let owner: Person;

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const allowLogosOn = (...logoOrigins: string[]) => app.api.patch('/platform', { logoOrigins }, { as: admin });
  const change = (settings: object, as = owner) => app.api.patch(path(), { settings }, { as });
  const preview = (body: object, as = owner) => app.api.post(path('/mail-preview'), body, { as });
  const mailOfInvitation = async (fields: object = {}) => {
    const email = newAddress();
    const { status } = await app.api.post(path('/invitations'), { email, role: 'MEMBER', ...fields }, { as: owner });
    expect(status).toBe(201);
    return app.inbox.newest(email);
  };

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
  });
  beforeEach(async () => {
    await allowLogosOn(LOGOS);
    acme = await buildOrganisation(app, admin, 'Acme');
    owner = await buildMember(app, admin, acme, { role: 'OWNER' });
  });
  afterAll(() => app.stop());

  describe('in its settings', () => {
    it('is nothing at first, is set in parts, and is cleared by null', async () => {
      const { body: before } = await app.api.get(path(), { as: owner });
      expect(before.settings).toEqual({
        invitationExpiryHours: null,
        reminderHours: null,
        defaultLocale: null,
        ...NONE,
      });
      await change({ defaultLocale: 'de', accentColour: '#7c2d12' });
      const { status, body } = await change(FACE);
      expect(status).toBe(200);
      expect(body.settings).toEqual({ invitationExpiryHours: null, reminderHours: null, defaultLocale: 'de', ...FACE });
      for (const field of Object.keys(NONE)) expect((await change({ [field]: null })).status).toBe(200);
      const { body: after } = await app.api.get(path(), { as: owner });
      expect(after.settings).toEqual({
        invitationExpiryHours: null,
        reminderHours: null,
        defaultLocale: 'de',
        ...NONE,
      });
    });

    it.each<[string, unknown, RegExp]>([
      ['displayName', '', /longer than or equal to 1/],
      ['displayName', 'a'.repeat(101), /100/],
      ['displayName', 'Acme\r\nBcc: all@example.com', /one line/],
      ['displayName', 'Acme \u202Emoc', /direction characters/],
      ['displayName', 'https://evil.example', /web address/],
      ['displayName', 7, /string/],
      ['logoUrl', 'http://assets.example.com/logo.png', /https address/],
      ['logoUrl', 'https://kim@assets.example.com/logo.png', /https address/],
      ['logoUrl', 'https://assets.example.com\\@evil.example/', /https address/],
      ['logoUrl', 'https://assets.example.com/a" onerror="b', /https address/],
      ['logoUrl', 'javascript:alert(1)', /https address/],
      ['logoUrl', 'data:image/png;base64,AAAA', /https address/],
      ['logoUrl', `${LOGOS}/${'a'.repeat(2000)}`, /2000 characters/],
      ['logoUrl', 'https://elsewhere.example/logo.png', /logoOrigins/],
      ['logoUrl', 'https://assets.example.com.evil.example/logo.png', /logoOrigins/],
      ['logoUrl', 'https://assets.example.com:8443/logo.png', /logoOrigins/],
      ['accentColour', '#ffcc00', /contrast of 1\.51:1 .* needs 4\.5:1: choose a darker/],
      ['accentColour', '#777777', /contrast of 4\.47:1/],
      ['accentColour', 'teal', /colour such as #1d4ed8/],
      ['accentColour', '#0f766e;background:url(//evil.example)', /colour such as/],
      ['replyTo', 'Kim <kim@example.com>', /one plain e-mail address/],
      ['replyTo', 'a@example.com,b@example.com', /one plain e-mail address/],
      ['replyTo', 'a@example.com\r\nBcc: b@example.com', /invisible character U\+000D/],
      ['supportEmail', 'nowhere', /one plain e-mail address/],
      ['font', 'Comic Sans', /not a field/],
    ])('refuses the %s %j', async (field, value, detail) => {
      const { status, body } = await change({ [field]: value });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' });
      expect(body.errors).toEqual([
        { pointer: `#/settings/${field}`, detail: expect.stringMatching(detail) as string },
      ]);
    });

    it('may have a logo of a package, which has an at sign behind the host', async () => {
      expect((await change({ logoUrl: `${LOGOS}/npm/@acme/logo@1/logo.png` })).status).toBe(200);
    });

    it('is audited, with the domains of its addresses alone', async () => {
      await change(FACE);
      await change({ replyTo: null });
      const events = await app.dataSource.query(
        `SELECT before, after FROM audit_events WHERE tenant_id = $1 AND action = 'organisation.updated' ORDER BY at, id`,
        [acme.id],
      );
      const domains = { replyTo: 'acme.example', supportEmail: 'acme.example' };
      expect(events[0]).toEqual({
        before: { name: 'Acme', settings: {} },
        after: { name: 'Acme', settings: { ...FACE, ...domains } },
      });
      expect(events[1].after.settings).toEqual({ ...FACE, ...domains, replyTo: null });
    });

    it('forgets the address of somebody whose account is erased', async () => {
      const person = await buildUser(app, admin);
      await change({ ...FACE, replyTo: person.email, supportEmail: person.email });
      expect((await app.api.delete(`/users/${person.id}`, { as: admin })).status).toBe(204);
      const { body } = await app.api.get(path(), { as: owner });
      expect(body.settings).toMatchObject({ ...FACE, replyTo: null, supportEmail: null });
    });
  });

  it('allows logos on https origins alone', async () => {
    for (const origin of ['http://assets.example.com', 'https://assets.example.com/logos', '*', 'data:']) {
      const { status, body } = await allowLogosOn(origin);
      expect({ status, pointer: body.errors?.[0].pointer }).toEqual({ status: 400, pointer: '#/logoOrigins' });
    }
  });

  describe('on its mails', () => {
    it('is name, logo, colour, where answers go, and whom to ask', async () => {
      await change(FACE);
      const mail = await mailOfInvitation();
      const html = mail.html as string;
      expect(mail.subject).toMatch(/ invited you to Acme Corporation$/);
      expect(mail.from?.value).toEqual([{ name: 'Usher', address: 'usher@usher.test' }]);
      expect(mail.replyTo?.value).toEqual([{ name: '', address: FACE.replyTo }]);
      expect(html).toContain(
        'src="https://assets.example.com/acme.png?size&#x3D;2&amp;v&#x3D;3" alt="Acme Corporation"',
      );
      expect(html).toContain('background:#0f766e');
      expect(html).toContain('href="mailto:help@acme.example"');
      expect(mail.text).toContain('Questions? Write to help@acme.example.');
      expect(mail.text).toMatch(/^Acme Corporation\n/);
    });

    it('is plain where nothing is set', async () => {
      const mail = await mailOfInvitation();
      expect(mail.replyTo).toBeUndefined();
      expect(mail.html).not.toMatch(/<img|mailto:/);
      expect(mail.html).toContain('background:#1d4ed8');
    });

    it('writes to an address with odd characters, and to that one', async () => {
      await change({ supportEmail: 'help?bcc=all&x%@acme.example' });
      expect((await mailOfInvitation()).html).toContain('href="mailto:help%3Fbcc%3Dall%26x%25@acme.example"');
    });

    it('is on news of projects and requests for fresh links, too', async () => {
      await change(FACE);
      const member = await buildMember(app, owner, acme);
      const project = await buildProject(app, owner, acme);
      const added = { userId: member.id, role: 'VIEWER' };
      await app.api.post(`/projects/${project.id}/members`, added, { as: owner });
      const news = await app.inbox.newest(member.email, 2);
      const token = tokenOf(await mailOfInvitation());
      await app.api.post('/invitations/renewal-requests', { token });
      const request = await app.inbox.newest(owner.email, 2);
      for (const mail of [news, request]) {
        expect(mail.replyTo?.value[0].address).toBe(FACE.replyTo);
        expect(mail.html).toContain('alt="Acme Corporation"');
        expect(mail.text).toContain(FACE.supportEmail);
      }
    });

    it('has no logo any more once its origin is taken off the list, and everything else', async () => {
      await change(FACE);
      await allowLogosOn();
      const mail = await mailOfInvitation();
      expect(mail.html).not.toContain('<img');
      expect(mail.html).toContain('background:#0f766e');
      const unchanged = await change({ ...FACE, accentColour: '#000000' });
      expect(unchanged.status).toBe(200);
      expect((await change({ logoUrl: `${LOGOS}/other.png` })).status).toBe(400);
    });

    it('is missing in what was queued before there were faces', async () => {
      app.inbox.refuseWith = { code: 451, message: 'Try again later' };
      await change(FACE);
      const email = newAddress();
      const { body } = await app.api.post(path('/invitations'), { email, role: 'MEMBER' }, { as: owner });
      await eventually(async () => {
        const { delivery } = (await app.api.get(`/invitations/${body.id}`, { as: owner })).body;
        expect(delivery).toMatchObject({ status: 'QUEUED', attempts: 1 });
      });
      app.inbox.refuseWith = null;
      await app.dataSource.query(
        `UPDATE mail_messages SET content = content - 'sender' - 'support' - 'replyTo', next_attempt_at = now() WHERE subject_id = $1`,
        [body.id],
      );
      app.nest.get(MailDispatcher).wake();
      const mail = await app.inbox.newest(email);
      expect(mail.subject).toContain('Acme Corporation');
      expect(mail.html).toContain('background:#1d4ed8');
      expect(mail.html).not.toContain('<img');
    });
  });

  it('is its name on what a link shows', async () => {
    await change(FACE);
    const token = tokenOf(await mailOfInvitation());
    const { body } = await app.api.post('/invitations/lookup', { token });
    expect(body.organisation).toEqual({ name: 'Acme Corporation' });
  });

  describe('in a preview', () => {
    it.each(['invitation', 'added_to_project', 'renewal_request'])('is that of the mail: %s', async (template) => {
      await change(FACE);
      const { status, body } = await preview({ template, locale: 'de-AT' });
      expect(status).toBe(200);
      expect(Object.keys(body).sort()).toEqual(['from', 'html', 'language', 'replyTo', 'subject', 'text']);
      expect(body).toMatchObject({ language: 'de', replyTo: FACE.replyTo, from: { address: 'usher@usher.test' } });
      expect(body.html).toContain('lang="de"');
      expect(body.html).toContain('alt="Acme Corporation"');
      expect(body.text).toContain('Fragen? Schreiben Sie an help@acme.example.');
    });

    it('has a link that is plainly none', async () => {
      const { body } = await preview({ template: 'invitation' });
      expect(tokenOf(body)).toBe('example');
      expect(body.html).toContain('href="http://usher.test/join#token=example"');
    });

    it("is written in the organisation's language unless another is asked for", async () => {
      await change({ defaultLocale: 'ja' });
      expect((await preview({ template: 'invitation' })).body.language).toBe('ja');
      expect((await preview({ template: 'invitation', locale: 'ar' })).body.html).toContain('dir="rtl"');
    });

    it('sends and writes nothing', async () => {
      const count = async () => {
        const [rows] = await app.dataSource.query(
          `SELECT (SELECT count(*) FROM mail_messages)::int AS mails, (SELECT count(*) FROM audit_events)::int AS events`,
        );
        return { ...rows, received: app.inbox.mails.length };
      };
      const before = await count();
      await preview({ template: 'invitation' });
      expect(await count()).toEqual(before);
    });

    it.each<[object, string]>([
      [{}, '#/template'],
      [{ template: 'password_reset' }, '#/template'],
      [{ template: 'constructor' }, '#/template'],
      [{ template: 'invitation', locale: 'x y' }, '#/locale'],
      [{ template: 'invitation', token: 'mine' }, '#/token'],
    ])('of %j is refused', async (body, pointer) => {
      const answer = await preview(body);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
    });
  });

  it('keeps where answers go with the mails of the mailbox', async () => {
    const alone = await startApp({ SMTP_URL: '', MAIL_FROM: '' });
    const root = await signInAdmin(alone);
    const { id } = await buildOrganisation(alone, root);
    await alone.api.patch(`/organisations/${id}`, { settings: { replyTo: FACE.replyTo } }, { as: root });
    await alone.api.post(`/organisations/${id}/invitations`, { email: newAddress(), role: 'MEMBER' }, { as: root });
    await eventually(async () => {
      const [mail] = await alone.nest.get(Mailbox).latest();
      expect(mail.replyTo).toEqual({ name: '', address: FACE.replyTo });
    });
    await alone.stop();
  });
});
