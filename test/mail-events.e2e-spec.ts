import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { MAIL_STATUSES } from '@usher/mailer';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildOrganisation,
  buildUser,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

const SECRET = 'a-secret-of-whoever-reports-mail-events';
const JSON_BODY = 'application/json';

const now = (): number => Math.floor(Date.now() / 1_000);
const signatureOf = (body: string, time = now(), secret = SECRET): string =>
  `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
const basic = (password: string): string => `Basic ${Buffer.from(`postmark:${password}`).toString('base64')}`;

describe('events of mails', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  const post = (body: string, headers: Record<string, string>): Promise<Answer> =>
    app.api.post('/mail-events', body, { headers: { 'Content-Type': JSON_BODY, ...headers } });
  const report = (body: object | string, type = JSON_BODY): Promise<Answer> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return post(text, { 'Content-Type': type, 'X-Usher-Signature': signatureOf(text) });
  };
  const say = (...events: object[]): Promise<Answer> => report({ events });
  const postmark = (body: object): Promise<Answer> => post(JSON.stringify(body), { Authorization: basic(SECRET) });
  const delivery = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body.delivery;
  const invite = async (): Promise<{ id: string; email: string }> => {
    const invitation = { email: newAddress(), role: 'MEMBER' };
    const { body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
    return body;
  };
  /** An invitation whose mail has left. */
  const sent = async () => {
    const { id, email } = await invite();
    const mail = await app.inbox.newest(email);
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'SENT' }));
    return {
      id,
      email,
      messageId: String(mail.messageId),
      mark: mail.headers.get('x-pm-metadata-usher-mail') as string,
    }; // as: it has no parameters
  };
  const applied = { status: 200, body: { applied: 1, ignored: 0 } };
  const ignored = { status: 200, body: { applied: 0, ignored: 1 } };

  beforeAll(async () => {
    app = await startApp({ MAIL_EVENTS_SECRET: SECRET });
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  it.each([
    ['delivered', { status: 'DELIVERED', lastError: null }],
    ['bounced', { status: 'BOUNCED', lastError: 'No such mailbox' }],
    ['complained', { status: 'COMPLAINED', lastError: 'No such mailbox' }],
    ['delayed', { status: 'SENT', lastError: 'No such mailbox' }],
  ])('show in the delivery: %s, and the same again changes nothing', async (type, expected) => {
    const { id, messageId } = await sent();
    const event = { messageId, type, at: '2026-11-20T12:00:00Z', reason: 'No such mailbox' };
    expect(await say(event)).toMatchObject(applied);
    expect(await delivery(id)).toMatchObject({ ...expected, nextAttemptAt: null });
    expect(await say(event)).toMatchObject(ignored);
    expect(await say(event, event)).toMatchObject({ body: { applied: 0, ignored: 2 } });
    expect(await delivery(id)).toMatchObject(expected);
  });

  it('say nothing any more of somebody whose account was erased', async () => {
    const kim = await buildUser(app, owner);
    const invitation = { email: kim.email, role: 'MEMBER' };
    const { body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
    await eventually(async () => expect(await delivery(body.id as string)).toMatchObject({ status: 'SENT' }));
    const { messageId } = await app.inbox.newest(kim.email, 2);
    expect((await app.api.delete(`/users/${kim.id}`, { as: owner })).status).toBe(204);
    const reason = `550 5.1.1 <${kim.email}>: nobody of that name`;
    expect(await say({ messageId, type: 'bounced', reason })).toMatchObject(ignored);
    expect(await delivery(body.id as string)).toMatchObject({ status: 'SENT', lastError: null });
  });

  it('end alike in whatever order they come', async () => {
    const types = ['delayed', 'delivered', 'bounced', 'complained'];
    const upTo = (last: string): string[] => types.slice(0, types.indexOf(last) + 1);
    for (const [last, status] of [
      ['delivered', 'DELIVERED'],
      ['bounced', 'BOUNCED'],
      ['complained', 'COMPLAINED'],
    ]) {
      const [forwards, backwards, atOnce] = [await sent(), await sent(), await sent()];
      for (const type of upTo(last)) await say({ messageId: forwards.messageId, type });
      for (const type of upTo(last).reverse()) await say({ messageId: backwards.messageId, type });
      const all = upTo(last).map((type) => ({ messageId: atOnce.messageId, type }));
      expect((await say(...all)).body).toEqual({ applied: 1, ignored: all.length - 1 });
      for (const { id } of [forwards, backwards, atOnce]) expect(await delivery(id)).toMatchObject({ status });
    }
  });

  it('of a bounce that is not for good are only noted', async () => {
    const { id, messageId } = await sent();
    expect(await say({ messageId, type: 'bounced', permanent: false, reason: 'Mailbox full' })).toMatchObject(applied);
    expect(await delivery(id)).toMatchObject({ status: 'SENT', lastError: 'Mailbox full' });
  });

  it('of unknown mails, and of mails that never left, are ignored and counted', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    const { id } = await invite();
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'QUEUED', attempts: 1 }));
    app.inbox.refuseWith = null;
    const [{ message_id: queued }] = await app.dataSource.query(
      'SELECT message_id FROM mail_messages WHERE subject_id = $1',
      [id],
    );
    const others = ['<nobody@example.com>', 'x', '<01a1fa55-fed1-75e2-9748-02c71ec13609@usher.test>', queued];
    const { body } = await say(...others.map((messageId) => ({ messageId, type: 'bounced' })));
    expect(body).toEqual({ applied: 0, ignored: others.length });
    expect(await delivery(id)).toMatchObject({ status: 'QUEUED' });
    await app.api.delete(`/invitations/${id}`, { as: owner });
  });

  it('take a Message-ID without angle brackets and in capitals, and up to a thousand at once', async () => {
    const mails = [await sent(), await sent()];
    const names = [mails[0].messageId.slice(1, -1), mails[1].messageId.toUpperCase()];
    const events = names.map((messageId) => ({ messageId, type: 'delivered' }));
    const strangers = Array.from({ length: 998 }, () => ({ messageId: '<nobody@example.com>', type: 'delivered' }));
    expect((await say(...events, ...strangers)).body).toEqual({ applied: 2, ignored: 998 });
    expect((await say(...events, ...strangers, ...events)).status).toBe(400);
  });

  it('that come before the sender knows that the mail was taken are not undone by it', async () => {
    // Delete KNOWN in the dispatcher: the bounce is forgotten.
    const answers: Answer[] = [];
    app.inbox.onArrival = async ({ messageId }) => {
      answers.push(await say({ messageId, type: 'bounced' }));
    };
    const { id } = await invite();
    await eventually(() => expect(answers).toHaveLength(1));
    app.inbox.onArrival = null;
    await sent(); // by then the attempt before is settled
    expect(answers[0]).toMatchObject(applied);
    expect(await delivery(id)).toMatchObject({ status: 'BOUNCED', lastError: 'The mail came back' });
  });

  it('leave the token of a mail nowhere, and an event in the audit', async () => {
    const { id, messageId } = await sent();
    await say({ messageId, type: 'bounced', at: '2026-11-20T12:00:00Z', reason: 'No kim@example.com here' });
    const [mail] = await app.dataSource.query('SELECT id, sealed_token FROM mail_messages WHERE subject_id = $1', [id]);
    expect(mail.sealed_token).toBeNull();
    const { body } = await app.api.get(`/organisations/${acme.id}/audit-events?action=mail.bounced`, { as: owner });
    expect(body.data[0]).toMatchObject({
      actor: { type: 'system' },
      subject: { type: 'mail', id: mail.id },
      before: { status: 'SENT' },
      after: { status: 'BOUNCED', at: '2026-11-20T12:00:00Z' },
    });
    expect(JSON.stringify(body.data[0])).not.toContain('kim');
  });

  it('tell inviters why, but no machine by name or address', async () => {
    const { id, messageId } = await sent();
    const reason = 'host mx1.internal.example[10.0.0.7] said:\r\n 550 5.1.1 <kim@example.com> unknown (2001:db8::1:2)';
    await say({ messageId, type: 'bounced', reason });
    const { lastError } = await delivery(id);
    expect(lastError).toBe('host [host][[address]] said: 550 5.1.1 <kim@example.com> unknown ([address])');
  });

  it.each(MAIL_STATUSES)('and all other statuses filter invitations: %s', async (status) => {
    const { id } = await sent();
    await app.dataSource.query('UPDATE mail_messages SET status = $2, next_attempt_at = $3 WHERE subject_id = $1', [
      id,
      status,
      '2100-01-01', // nobody sends it
    ]);
    const { body } = await app.api.get(`/organisations/${acme.id}/invitations?delivery=${status}`, { as: owner });
    expect(body.data.map((invitation: { id: string }) => invitation.id)).toContain(id);
    expect(
      new Set(body.data.map((invitation: { delivery: { status: string } }) => invitation.delivery.status)),
    ).toEqual(new Set([status]));
  });

  describe('as webhooks of Postmark', () => {
    const hook = (mark: string, fields: object) => ({
      MessageID: '883953f4-6105-42a2-a16a-77a8eac79483', // Postmark's own
      Recipient: 'kim@example.com',
      Metadata: { 'Usher-Mail': mark },
      ...fields,
    });

    it.each([
      [{ RecordType: 'Delivery', DeliveredAt: '2026-11-20T12:00:00Z' }, { status: 'DELIVERED' }],
      [{ RecordType: 'Bounce', Type: 'HardBounce', Description: 'Unknown user.' }, { status: 'BOUNCED' }],
      [{ RecordType: 'Bounce', Type: 'Transient', Description: 'Unknown user.' }, { status: 'SENT' }],
      [{ RecordType: 'SpamComplaint', Type: 'SpamComplaint', Description: 'Unknown user.' }, { status: 'COMPLAINED' }],
    ])('are understood: %j', async (fields, expected) => {
      const { id, mark } = await sent();
      expect(await postmark(hook(mark, fields))).toMatchObject(applied);
      const lastError = 'Description' in fields ? 'Unknown user.' : null;
      expect(await delivery(id)).toMatchObject({ ...expected, lastError });
    });

    it.each([
      { RecordType: 'Open' },
      { RecordType: 'Delivery', Metadata: {} },
      { RecordType: 'Delivery', Metadata: null },
      { RecordType: 'Bounce', Metadata: 'no object' },
    ])('are ignored when they say nothing of a mail of ours: %j', async (fields) => {
      expect(await postmark(hook('01a1fa55-fed1-75e2-9748-02c71ec13609', fields))).toMatchObject(ignored);
    });
  });

  describe('as bounces', () => {
    const bounce = (fields: string, returned: string): string =>
      `From: MAILER-DAEMON@mx.example
To: usher@usher.test
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="part"

--part
Content-Type: text/plain

We are sorry.
--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
${fields}
--part
${returned}
--part--
`.replaceAll('\n', '\r\n');
    const recipient = (action: string, status: string): string =>
      `\nFinal-Recipient: rfc822; kim@example.com\nAction: ${action}\nStatus: ${status}\nDiagnostic-Code: smtp; 550 no\n such mailbox\n`;
    const headers = (messageId: string): string =>
      `Content-Type: text/rfc822-headers\n\nSubject: Grüße\nMessage-ID: ${messageId}\n`;
    const whole = (messageId: string): string =>
      `Content-Type: message/rfc822\n\nMessage-ID:\n ${messageId}\nSubject: Hello\n\nMessage-ID: <not-this@example.com>\n`;

    it.each([
      ['failed', '5.1.1', { status: 'BOUNCED', lastError: '550 no such mailbox' }],
      ['failed', '4.4.7', { status: 'BOUNCED' }],
      ['delayed', '4.4.1', { status: 'SENT', lastError: '550 no such mailbox' }],
      ['delivered', '2.0.0', { status: 'DELIVERED', lastError: null }],
    ])('are understood: %s %s', async (action, status, expected) => {
      for (const returned of [headers, whole]) {
        const { id, messageId } = await sent();
        const raw = bounce(recipient(action, status), returned(messageId));
        expect(await report(raw, 'message/rfc822')).toMatchObject(applied);
        expect(await delivery(id)).toMatchObject(expected);
        expect(await report(raw, 'message/rfc822')).toMatchObject(ignored);
      }
    });

    const of = (address: string, action: string, fields = 'Status: 5.0.0'): string =>
      `\nFinal-Recipient: rfc822; ${address}\nAction: ${action}\n${fields}\n`;

    it.each(['relayed', 'expanded'])('say nothing new when the mail was %s', async (action) => {
      const { id, messageId } = await sent();
      expect(await report(bounce(recipient(action, '2.0.0'), headers(messageId)), 'message/rfc822')).toMatchObject(
        ignored,
      );
      expect(await delivery(id)).toMatchObject({ status: 'SENT', lastError: null });
    });

    it.each([
      ['ours alone', (ours: string) => of('archive@example.net', 'delivered') + of(ours, 'failed'), 'BOUNCED'],
      [
        'ours, which arrived',
        (ours: string) => of('archive@example.net', 'failed') + of(ours, 'delivered'),
        'DELIVERED',
      ],
      ['ours, which was relayed', (ours: string) => of('archive@example.net', 'failed') + of(ours, 'relayed'), 'SENT'],
      ['ours in capitals', (ours: string) => of('a@b.example', 'failed') + of(ours.toUpperCase(), 'relayed'), 'SENT'],
      [
        'ours by its first address',
        (ours: string) =>
          of('a@b.example', 'delivered', `Original-Recipient: rfc822;${ours}`) + of('c@d.example', 'failed'),
        'DELIVERED',
      ],
      ['the worst of others', () => of('a@b.example', 'delivered') + of('c@d.example', 'failed'), 'BOUNCED'],
    ])('on several recipients count for %s', async (_name, fields, status) => {
      const { id, email, messageId } = await sent();
      await report(bounce(fields(email), headers(messageId)), 'message/rfc822');
      expect(await delivery(id)).toMatchObject({ status });
    });

    it('say that a server has given up, even as a delay', async () => {
      const { id, messageId } = await sent();
      const fields = 'Status: 4.4.7\nWill-Retry-Until: Mon, 23 Nov 2020 09:00:00 +0000';
      const raw = bounce(of('kim@example.com', 'delayed', fields), headers(messageId));
      expect(await report(raw, 'message/rfc822')).toMatchObject(applied);
      const lastError = 'The mail could not be delivered in time';
      expect(await delivery(id)).toMatchObject({ status: 'BOUNCED', lastError });
    });

    it('never give a bare code as the reason', async () => {
      const { id, messageId } = await sent();
      await report(bounce(of('kim@example.com', 'failed', 'Status: 5.1.1'), headers(messageId)), 'message/rfc822');
      expect(await delivery(id)).toMatchObject({ status: 'BOUNCED', lastError: 'The mail came back (5.1.1)' });
    });

    it('are known by the envelope when the Message-ID was replaced', async () => {
      const { id, mark } = await sent();
      const raw = bounce(
        `Original-Envelope-Id: ${mark}\n${recipient('failed', '5.1.1')}`,
        headers('<new@relay.example>'),
      );
      expect(await report(raw, 'message/rfc822')).toMatchObject(applied);
      expect(await delivery(id)).toMatchObject({ status: 'BOUNCED' });
    });

    it('are read no further than their headers can be', async () => {
      const { messageId } = await sent();
      const raw = bounce(recipient('failed', '5.1.1'), headers(messageId));
      const behind = (lines: number): string => raw.replace('We are sorry.', '\r\n'.repeat(lines));
      expect(await report(behind(200_000), 'message/rfc822')).toMatchObject(ignored);
      expect(await report(behind(50_000), 'message/rfc822')).toMatchObject(applied);
    });

    it.each([
      ['an ordinary mail', 'Subject: Out of office\r\n\r\nI am away.\r\n'],
      ['nothing', ''],
      ['no text', '\u0000\u0001\u0002'],
      ['parts without end', 'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n'.repeat(500)],
    ])('are ignored when they are %s', async (_name, raw) => {
      expect(await report(raw, 'message/rfc822')).toMatchObject(ignored);
    });
  });

  describe('as feedback reports', () => {
    const feedback = (type: string, original: string): string =>
      `From: feedback@isp.example
Subject: FW: An invitation
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain

This is an e-mail abuse report.
--part
Content-Type: message/feedback-report

Feedback-Type: ${type}
User-Agent: ExampleFBL/1.0
Version: 1

--part
${original}

Hello.
--part--
`.replaceAll('\n', '\r\n');
    const whole = (name: string): string => `Content-Type: message/rfc822\n\nFrom: usher@usher.test\n${name}`;
    const headers = (name: string): string => `Content-Type: text/rfc822-headers\n\n${name}\nSubject: An invitation`;

    it.each([
      ['abuse', whole],
      ['abuse', headers],
      ['fraud', whole],
      ['Other', headers],
    ])('are complaints: %s', async (type, original) => {
      const { id, messageId } = await sent();
      const raw = feedback(type, original(`Message-ID: ${messageId}`));
      expect(await report(raw, 'message/rfc822')).toMatchObject(applied);
      const lastError = 'The recipient reported the mail as spam';
      expect(await delivery(id)).toMatchObject({ status: 'COMPLAINED', lastError });
      expect(await report(raw, 'message/rfc822')).toMatchObject(ignored);
    });

    it('are known by another header when the Message-ID was replaced', async () => {
      const { id, mark } = await sent();
      const names = `Message-ID: <new@relay.example>\nX-PM-Metadata-usher-mail: ${mark}`;
      expect(await report(feedback('abuse', whole(names)), 'message/rfc822')).toMatchObject(applied);
      expect(await delivery(id)).toMatchObject({ status: 'COMPLAINED' });
    });

    it.each(['not-spam', 'auth-failure'])('are no complaints: %s', async (type) => {
      const { id, messageId } = await sent();
      const raw = feedback(type, whole(`Message-ID: ${messageId}`));
      expect(await report(raw, 'message/rfc822')).toMatchObject(ignored);
      expect(await delivery(id)).toMatchObject({ status: 'SENT' });
    });
  });

  it('of a complaint end the invitations of that organisation, and of no other', async () => {
    const { id, email, messageId } = await sent();
    expect(await say({ messageId, type: 'complained' })).toMatchObject(applied);
    const resent = await app.api.post(`/invitations/${id}/resend`, undefined, { as: owner });
    expect(resent.status).toBeLessThan(300);
    await eventually(async () =>
      expect(await delivery(id)).toMatchObject({
        status: 'SKIPPED',
        lastError: 'This person wants no mail from here',
      }),
    );
    const { body: audit } = await app.api.get(`/organisations/${acme.id}/audit-events?action=mail.opted_out`, {
      as: owner,
    });
    expect(audit.data[0]).toMatchObject({ actor: { type: 'system' }, subject: { type: 'mail_refusal' } });
    expect(JSON.stringify(audit.data[0])).not.toContain(email);
    const other = await buildOrganisation(app, owner);
    const { body } = await app.api.post(
      `/organisations/${other.id}/invitations`,
      { email, role: 'MEMBER' },
      { as: owner },
    );
    await eventually(async () => expect(await delivery(body.id as string)).toMatchObject({ status: 'SENT' }));
  });

  it('are signed by the commands that operators are shown', async () => {
    const { id, messageId } = await sent();
    const [, commands] = /```sh\n(BODY=[\s\S]+?)```/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
    const env = { ...process.env, USHER: app.root.baseUrl, MAIL_EVENTS_SECRET: SECRET };
    const script = commands.replace(/<[\w-]+@usher\.example\.com>/, messageId);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
    expect(JSON.parse(stdout)).toEqual({ applied: 1, ignored: 0 });
    expect(await delivery(id)).toMatchObject({ status: 'BOUNCED', lastError: 'No such mailbox' });
  });

  describe('are refused', () => {
    const EMPTY = JSON.stringify({ events: [{ messageId: '<nobody@example.com>', type: 'delivered' }] });

    it.each<[string, () => Record<string, string>]>([
      ['nothing', () => ({})],
      ['a signature of another body', () => ({ 'X-Usher-Signature': signatureOf(`${EMPTY} `) })],
      ['a signature by another secret', () => ({ 'X-Usher-Signature': signatureOf(EMPTY, now(), `${SECRET}!`) })],
      ['a signature six minutes old', () => ({ 'X-Usher-Signature': signatureOf(EMPTY, now() - 360) })],
      ['a signature of six minutes ahead', () => ({ 'X-Usher-Signature': signatureOf(EMPTY, now() + 360) })],
      ['a signature without its time', () => ({ 'X-Usher-Signature': signatureOf(EMPTY).replace(/^t=\d+,/, '') })],
      ['another password', () => ({ Authorization: basic(`${SECRET}!`) })],
      ['an empty password', () => ({ Authorization: basic('') })],
    ])('with 401 by %s, always in the same words', async (_name, headersNow) => {
      const answer = await post(EMPTY, headersNow());
      expect(answer).toMatchObject({ status: 401, body: { code: 'unknown_sender' } });
      expect(answer.body.detail).toBe('Sign the body with MAIL_EVENTS_SECRET, or send it as the Basic password.');
    });

    it('by 429 after thirty guesses in a minute, but never when they are right', async () => {
      const other = await startApp({ MAIL_EVENTS_SECRET: SECRET });
      const guess = (password: string) =>
        other.api.post('/mail-events', EMPTY, { headers: { Authorization: basic(password) } });
      const guesses = await Promise.all(Array.from({ length: 30 }, (_, index) => guess(`guess ${index}`)));
      expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
      expect((await guess('one more')).status).toBe(429);
      expect((await guess(SECRET)).status).toBe(200);
      const signed = await other.api.post('/mail-events', EMPTY, {
        headers: { 'X-Usher-Signature': signatureOf(EMPTY), 'Content-Type': 'application/json' },
      });
      expect(signed.status).toBe(200);
      await other.stop();
    });

    it.each([
      ['no list', {}, '#/events'],
      ['an empty list', { events: [] }, '#/events'],
      ['an event of no kind', { events: [{ messageId: 'x', type: 'opened' }] }, '#/events/0/type'],
      ['an event of no mail', { events: [{ type: 'delivered' }] }, '#/events/0/messageId'],
      ['no time', { events: [{ messageId: 'x', type: 'delivered', at: 'soon' }] }, '#/events/0/at'],
      ['an unknown field', { events: [{ messageId: 'x', type: 'delivered', to: 'kim' }] }, '#/events/0/to'],
      ['NUL', { events: [{ messageId: 'x\u0000', type: 'delivered' }] }, '#/events/0/messageId'],
    ])('with 400 for %s', async (_name, body, pointer) => {
      const answer = await report(body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ pointer }] } });
    });

    it('when they are no JSON, nothing, or another kind of body', async () => {
      expect(await report('{')).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
      expect(await report('')).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
      const bare = await app.api.post('/mail-events', undefined, { headers: { Authorization: basic(SECRET) } });
      expect(bare).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
      const text = await report('bounced', 'text/plain');
      expect(text).toMatchObject({
        status: 415,
        body: { detail: 'Send the body as application/json or message/rfc822.' },
      });
      const elsewhere = await app.api.post('/organisations', 'x', {
        as: owner,
        headers: { 'Content-Type': 'message/rfc822' },
      });
      expect(elsewhere).toMatchObject({ status: 415, body: { detail: 'Send the body as application/json.' } });
    });

    it('like an unknown route when there is no secret', async () => {
      const without = await startApp();
      const headers = { 'X-Usher-Signature': signatureOf(EMPTY) };
      const answer = await without.api.post('/mail-events', EMPTY, { headers });
      const unknown = await without.api.post('/male-events', EMPTY, { headers });
      expect({ ...answer.body, requestId: '' }).toEqual({
        ...unknown.body,
        detail: unknown.body.detail.replace('male', 'mail'),
        requestId: '',
      });
      expect(answer.status).toBe(404);
      await without.stop();
    });
  });
});
