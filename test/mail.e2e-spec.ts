import { Mailbox, MailDispatcher, SendingCounters } from '@usher/mailer';
import { startApp, startInstance, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { tokenOf } from './support/inbox.js';
import {
  buildMember,
  buildOrganisation,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

const WORD_JOINER = '\u2060';

describe('mail', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  const invite = async (fields: object = {}) => {
    const invitation = { email: newAddress(), role: 'MEMBER', ...fields };
    const { status, body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
    expect(status).toBe(201);
    return body;
  };
  const delivery = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body.delivery;
  /** The next attempt is due now; the dispatcher looks at once. */
  const retryNow = async () => {
    await app.dataSource.query(
      `UPDATE mail_messages SET next_attempt_at = now() WHERE status IN ('QUEUED', 'SENDING')`,
    );
    app.nest.get(MailDispatcher).wake();
  };

  beforeAll(async () => {
    app = await startApp();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner, 'Müller & Söhne <Co>');
  });
  beforeEach(() => {
    app.inbox.refuseWith = null;
  });
  afterAll(() => app.stop());

  it('says in HTML and in text who invites to what, as what, until when', async () => {
    const inviter = await buildMember(app, owner, acme, { role: 'ADMIN' });
    const email = newAddress('kim');
    const invitation = { email, role: 'MEMBER', givenName: 'Kim', familyName: 'Lee', message: 'Glad you come' };
    await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: inviter });
    const mail = await app.inbox.newest(email);
    expect(mail.subject).toBe('Kim Lee invited you to Müller & Söhne <Co>');
    expect(mail.to).toMatchObject({ value: [{ address: email, name: 'Kim Lee' }] });
    expect(mail.recipients).toEqual([email]);
    for (const part of [mail.text, mail.html as string]) {
      expect(part).toContain('Glad you come');
      expect(part).toContain('as Member');
      expect(part).toMatch(/expires on \d+ \w+ \d{4} at \d\d:\d\d UTC/);
      expect(part).toContain(`http://usher.test/join#token=${tokenOf(mail)}`);
    }
    expect(mail.html).toContain('Müller &amp; Söhne &lt;Co&gt;');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  });

  it('makes no links of what people typed', async () => {
    const { email } = await invite({ message: 'See evil.example or write to me@evil.example' });
    const mail = await app.inbox.newest(email);
    for (const part of [mail.text ?? '', mail.html as string]) {
      expect(part).not.toContain('evil.example');
      expect(part.replaceAll(WORD_JOINER, '')).toContain('See evil.example');
    }
  });

  it('loads nothing from elsewhere and fits 320 pixels', async () => {
    const { email } = await invite();
    const html = (await app.inbox.newest(email)).html as string;
    expect(html).not.toMatch(/<img|<script|<link|url\(|src=/i);
    const addresses = [...html.matchAll(/https?:\/\/[^"'<\s]+/g)].map(([address]) => new URL(address).origin);
    expect(new Set(addresses)).toEqual(new Set(['http://usher.test']));
    expect(html).toContain('max-width:560px');
    expect(html).not.toMatch(/(?<!max-)width:\s*\d{3,}px/);
  });

  it('keeps the token encrypted while queued, and not at all once sent', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const { id, email } = await invite();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    const [queued] = await app.dataSource.query('SELECT * FROM mail_messages WHERE subject_id = $1', [id]);
    app.inbox.refuseWith = null;
    await retryNow();
    const token = await app.inbox.token(email);
    expect(queued.sealed_token).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(queued.sealed_token as Uint8Array).toString('latin1')).not.toContain(token);
    expect(JSON.stringify(queued.content)).not.toContain(token);
    await eventually(async () => {
      const [sent] = await app.dataSource.query(
        'SELECT status, sealed_token FROM mail_messages WHERE subject_id = $1',
        [id],
      );
      expect(sent).toEqual({ status: 'SENT', sealed_token: null });
    });
  });

  it('is tried again after a temporary refusal, later and later, under the same Message-ID', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Greylisted, come back' };
    const { id, email } = await invite();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    const first = await delivery(id);
    expect(first.lastError).toContain('Greylisted');
    const seconds = (Date.parse(first.nextAttemptAt) - Date.parse(first.lastAttemptAt)) / 1000;
    expect(seconds).toBeGreaterThan(7);
    expect(seconds).toBeLessThan(14);
    await retryNow();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 2 }));
    const [{ message_id: messageId }] = await app.dataSource.query(
      'SELECT message_id FROM mail_messages WHERE subject_id = $1',
      [id],
    );
    app.inbox.refuseWith = null;
    await retryNow();
    const mail = await app.inbox.newest(email);
    expect(mail.messageId).toBe(messageId);
    expect(mail.messageId).toMatch(/@usher\.test>$/);
    await eventually(async () =>
      expect(await delivery(id)).toMatchObject({ status: 'SENT', attempts: 3, lastError: null, nextAttemptAt: null }),
    );
  });

  it('stops after a refusal for good, and says why', async () => {
    app.inbox.refuseWith = { code: 550, message: 'No such mailbox' };
    const { id } = await invite();
    await eventually(async () =>
      expect(await delivery(id)).toMatchObject({ status: 'FAILED', attempts: 1, nextAttemptAt: null }),
    );
    expect((await delivery(id)).lastError).toContain('No such mailbox');
    const { body } = await app.api.get(`/organisations/${acme.id}/invitations?delivery=FAILED`, { as: owner });
    expect(body.data.map((row: { id: string }) => row.id)).toContain(id);
  });

  it('passes on what the server says without the link that it quotes', async () => {
    app.inbox.refuseWith = { code: 554, message: 'Blocked: http://usher.test/join#token=abc-123_def' };
    const { id } = await invite();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'FAILED' }));
    const { lastError } = await delivery(id);
    expect(lastError).toContain('token=[redacted]');
    expect(lastError).not.toContain('abc-123_def');
  });

  it('that cannot leave at all is said to be so, to strangers without particulars', async () => {
    const cut = await startApp({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const admin = await signInAdmin(cut);
    const organisation = await buildOrganisation(cut, admin);
    const path = `/organisations/${organisation.id}/invitations`;
    const { body } = await cut.api.post(path, { email: newAddress(), role: 'MEMBER' }, { as: admin });
    await eventually(async () => {
      const now = await cut.api.get(`/invitations/${body.id}`, { as: admin });
      expect(now.body.delivery).toMatchObject({
        status: 'QUEUED',
        lastError: expect.stringContaining('cannot be used'),
      });
    });
    const ready = await cut.root.get('/readyz');
    expect(ready.status).toBe(200);
    expect(ready.body.info.mail).toEqual({
      status: 'up',
      channel: 'smtp',
      state: 'paused',
      trouble: 'ECONNREFUSED',
      why: 'it cannot be reached, or takes no connection',
      since: expect.stringMatching(/^\d{4}-/),
    });
    await cut.stop();
  });

  it('is not sent any more when the invitation ended or was rotated meanwhile', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const [revoked, resent] = [await invite(), await invite()];
    for (const { id } of [revoked, resent])
      await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    await app.api.delete(`/invitations/${revoked.id}`, { as: owner });
    app.inbox.refuseWith = null;
    await app.api.post(`/invitations/${resent.id}/resend`, {}, { as: owner });
    await app.inbox.newest(resent.email);
    await retryNow();
    await eventually(async () => {
      const open = await app.dataSource.query(`SELECT 1 FROM mail_messages WHERE status IN ('QUEUED', 'SENDING')`);
      expect(open).toHaveLength(0);
    });
    expect(await delivery(revoked.id)).toMatchObject({ status: 'SKIPPED' });
    expect(app.inbox.to(revoked.email)).toHaveLength(0);
    expect(app.inbox.to(resent.email)).toHaveLength(1);
  });

  it('is given up when the invitation lapses before it could be sent', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const { id, email } = await invite();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    await app.dataSource.query('UPDATE mail_messages SET send_before = now() WHERE subject_id = $1', [id]);
    app.inbox.refuseWith = null;
    await retryNow();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'FAILED' }));
    expect(app.inbox.to(email)).toHaveLength(0);
  });

  it('is sent again when its sender died in the middle, once the lease is over', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const { id, email } = await invite();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    // As a killed process leaves it.
    await app.dataSource.query(
      `UPDATE mail_messages SET status = 'SENDING', next_attempt_at = now() + interval '1 hour' WHERE subject_id = $1`,
      [id],
    );
    app.inbox.refuseWith = null;
    app.nest.get(MailDispatcher).wake();
    expect(await delivery(id)).toMatchObject({ status: 'SENDING', nextAttemptAt: null });
    await retryNow();
    expect((await app.inbox.newest(email)).recipients).toEqual([email]);
  });

  it('that cannot be prepared holds up no other', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const [spoilt, whole] = [await invite(), await invite()];
    for (const { id } of [spoilt, whole])
      await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    await app.dataSource.query(`UPDATE mail_messages SET sealed_token = 'not ours' WHERE subject_id = $1`, [spoilt.id]);
    app.inbox.refuseWith = null;
    await retryNow();
    await app.inbox.newest(whole.email);
    await eventually(async () => expect(await delivery(spoilt.id)).toMatchObject({ status: 'QUEUED', attempts: 2 }));
    expect((await delivery(spoilt.id)).lastError).toBe('Usher could not prepare this mail; its log says why');
    await app.api.delete(`/invitations/${spoilt.id}`, { as: owner });
  });

  it('is sent once, although two servers look for work', async () => {
    if (!process.env.TEST_TEMPLATE) return; // The embedded database serves one process.
    const second = await startInstance(app.environment);
    const addresses = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const email = newAddress();
        const { api } = index % 2 ? app : second;
        await api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: owner });
        return email;
      }),
    );
    for (const address of addresses) await app.inbox.newest(address);
    await eventually(async () => {
      const open = await app.dataSource.query(`SELECT 1 FROM mail_messages WHERE status IN ('QUEUED', 'SENDING')`);
      expect(open).toHaveLength(0);
    });
    expect(addresses.map((address) => app.inbox.to(address).length)).toEqual(addresses.map(() => 1));
    await second.nest.close();
  });

  it('that was claimed when the server ends still arrives', async () => {
    // Make OutboxModule global: MailerService closes its connections first, and the mail does not leave.
    const ending = await startApp();
    const admin = await signInAdmin(ending);
    const organisation = await buildOrganisation(ending, admin);
    const [dispatcher, counters] = [ending.nest.get(MailDispatcher), ending.nest.get(SendingCounters)];
    const end = dispatcher.onModuleDestroy.bind(dispatcher);
    const count = counters.takeEachExactly.bind(counters);
    const isEnding = new Promise<void>((begin) => {
      jest.spyOn(dispatcher, 'onModuleDestroy').mockImplementationOnce(() => (begin(), end()));
    });
    const isClaimed = new Promise<void>((claim) => {
      jest.spyOn(counters, 'takeEachExactly').mockImplementationOnce(async (...asked) => {
        claim();
        await isEnding;
        return count(...asked);
      });
    });
    const email = newAddress();
    await ending.api.post(`/organisations/${organisation.id}/invitations`, { email, role: 'MEMBER' }, { as: admin });
    await isClaimed;
    await ending.stop();
    expect(ending.inbox.to(email)).toHaveLength(1);
  });

  it('is kept, encrypted, for the mailbox page when there is no SMTP outside production', async () => {
    const alone = await startApp({ SMTP_URL: '', MAIL_FROM: '' });
    const admin = await signInAdmin(alone);
    const organisation = await buildOrganisation(alone, admin);
    const email = newAddress();
    const path = `/organisations/${organisation.id}/invitations`;
    const { body } = await alone.api.post(path, { email, role: 'MEMBER' }, { as: admin });
    expect(body).not.toHaveProperty('link');
    const [mail] = await eventually(async () => {
      const mails = await alone.nest.get(Mailbox).latest();
      expect(mails).toHaveLength(1);
      return mails;
    });
    expect(mail.to.address).toBe(email);
    const lookup = await alone.api.post('/invitations/lookup', { token: tokenOf(mail) });
    expect(lookup.status).toBe(200);
    const [{ sealed }] = await alone.dataSource.query('SELECT sealed FROM mailbox_messages');
    expect(Buffer.from(sealed as Uint8Array).toString('latin1')).not.toContain(tokenOf(mail));
    expect((await alone.api.get(`/invitations/${body.id}`, { as: admin })).body.delivery.status).toBe('SENT');
    await alone.stop();
  });
});
