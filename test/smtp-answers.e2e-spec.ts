import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MailDispatcher } from '@usher/mailer';
import { simpleParser } from 'mailparser';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildOrganisation,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';
import { tokenOf } from './support/inbox.js';
import { CUT, type Line, SILENCE, SmtpScript, type Step } from './support/smtp-script.js';

type Says = Partial<Record<Step, Line>> | 'nothing, it is away';

const READINESS_IS_KEPT = 1_050;
const ENCRYPTING = '250-here\r\n250 STARTTLS';
const SIGNING_IN = '250-here\r\n250 AUTH PLAIN';
const ROW = /^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm;

/** Rows of docs/operations.md by what becomes of the mail, and of all others. */
const ANSWERS: Record<string, Record<string, Says>> = {
  'waits | wait': {
    'refuses the connection': 'nothing, it is away',
    'cuts the connection before it greets': { GREETING: CUT },
    'does not greet': { GREETING: SILENCE },
    'greets with garbage': { GREETING: 'HTTP/1.1 400 Bad Request' },
    'greets with 421': { GREETING: '421 too busy' },
    'greets with 554': { GREETING: '554 no mail from 10.1.2.3 (mx.internal.example)' },
    'refuses STARTTLS': { EHLO: ENCRYPTING, STARTTLS: '454 not now' },
    'shows a certificate that nobody vouches for': { EHLO: ENCRYPTING },
    'answers 535 to the sign-in': { EHLO: SIGNING_IN, AUTH: '535 5.7.8 wrong password' },
    'answers 454 to the sign-in': { EHLO: SIGNING_IN, AUTH: '454 4.7.0 try again' },
    'answers 530 to the sender': { MAIL: '530 5.7.0 sign in first' },
    'answers 4xx to the sender': { MAIL: '451 4.7.1 slow down' },
    'answers 5xx to the sender': { MAIL: '550 5.7.1 not yours to send from' },
    'denies relaying at the recipient': { RCPT: '554 5.7.1 <kim@example.com>: Relay access denied' },
    'finds the sender not authenticated': { RCPT: '550 5.7.26 neither SPF nor DKIM pass' },
  },
  'is tried again later | go on': {
    'answers 530 to the recipient': { RCPT: '530 5.7.0 sign in first' },
    'answers 535 to the mail': { END: '535 5.7.8 sign in first' },
    'answers 4xx to the recipient': { RCPT: '450 4.2.0 greylisted' },
    'answers 421 to the recipient': { RCPT: '421 closing' },
    'answers 452 to the recipient': { RCPT: '452 4.2.2 mailbox full' },
    'answers 503': { RCPT: '503 5.5.1 out of sequence' },
    'answers 4xx to DATA': { DATA: '451 4.3.0 not now' },
    'answers 4xx to the mail': { END: '451 4.3.0 not now' },
    'answers garbage to the recipient': { RCPT: 'well, hello' },
    'answers in part and is silent': { RCPT: '250-and' },
    'cuts the connection in the middle of an answer': { RCPT: { cutAfter: '550 5.1.1 nob' } },
    'cuts the connection within the session': { RCPT: CUT },
    'is silent within the session': { RCPT: SILENCE },
  },
  'is tried again later, perhaps a second time | go on': {
    'cuts the connection after the mail': { END: CUT },
    'is silent after the mail': { END: SILENCE },
  },
  'FAILED | go on': {
    'answers 552 to the sender': { MAIL: '552 5.3.4 too large' },
    'answers 5xx to the recipient': { RCPT: '550 5.1.1 nobody of that name' },
    'answers 552 to the recipient': { RCPT: '552 5.2.2 mailbox full' },
    'answers 5xx to DATA': { DATA: '554 5.7.1 no' },
    'answers 5xx to the mail': { END: '554 5.7.1 this is spam, says mx7.internal.example [10.1.2.3]' },
  },
};

const named = (outcome: string): [string, Says][] => Object.entries(ANSWERS[outcome]);

describe('a mail server that', () => {
  const server = new SmtpScript();
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  const inviteTo = async (email: string): Promise<string> => {
    const invitation = { email, role: 'MEMBER' };
    const { status, body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
    expect(status).toBe(201);
    return body.id;
  };
  const delivery = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body.delivery;
  const channel = async () => (await app.root.get('/readyz')).body.info.mail;
  /** Readiness is looked at once a second: what was seen before says nothing of now. */
  const channelNow = async () => {
    await delay(READINESS_IS_KEPT);
    return channel();
  };
  const hears = async (says: Says): Promise<void> =>
    says === 'nothing, it is away' ? server.close() : server.say(says);
  const recovers = async (says: Says): Promise<void> => {
    if (says === 'nothing, it is away') await server.open();
    await server.say({});
  };
  const retryNow = async (): Promise<void> => {
    await app.dataSource.query(`UPDATE mail_messages SET next_attempt_at = now() WHERE status = 'QUEUED'`);
    app.nest.get(MailDispatcher).wake();
  };
  /** What is known after the first answer. */
  const meets = async (says: Says) => {
    const email = newAddress();
    await hears(says);
    const id = await inviteTo(email);
    const first = await eventually(async () => {
      const now = await delivery(id);
      expect(now).toMatchObject({ status: expect.not.stringMatching('SENDING'), lastError: expect.any(String) });
      return now;
    });
    expect(first.lastError).not.toMatch(/127\.0|localhost|10\.1|internal|secret|undefined/);
    return { id, email, first };
  };
  const secondsUntilNext = ({ lastAttemptAt, nextAttemptAt }: { lastAttemptAt: string; nextAttemptAt: string }) =>
    (Date.parse(nextAttemptAt) - Date.parse(lastAttemptAt)) / 1_000;

  beforeAll(async () => {
    await server.open();
    app = await startApp({ SMTP_URL: `${server.url}&tls.rejectUnauthorized=true` }, { replay: false }); // time-outs are short, and routes are those of others
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(async () => {
    await app.stop();
    await server.close();
  });

  it.each(named('waits | wait'))('%s', async (_name, says) => {
    const { id, email, first } = await meets(says);
    expect(first.lastError).toMatch(/^The mail server cannot be used at this moment: /);
    await eventually(async () =>
      expect(await channel()).toMatchObject({ status: 'up', state: 'paused', since: expect.any(String) }),
    );
    await recovers(says);
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'SENT', lastError: null }));
    expect(server.to(email)).toHaveLength(1);
    expect(await channelNow()).toEqual({ status: 'up', channel: 'smtp', state: 'open' });
  });

  it.each([...named('is tried again later | go on'), ...named('is tried again later, perhaps a second time | go on')])(
    '%s',
    async (_name, says) => {
      const { id, email, first } = await meets(says);
      expect(first.status).toBe('QUEUED');
      expect(secondsUntilNext(first)).toBeGreaterThan(7);
      expect(await channelNow()).toMatchObject({ state: 'open' });
      const unanswered = server.to(email);
      await recovers(says);
      await retryNow();
      await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'SENT', attempts: 2 }));
      const sent = server.to(email).slice(unanswered.length);
      expect(sent).toHaveLength(1);
      for (const before of unanswered) expect(before.messageId).toBe(sent[0].messageId);
    },
  );

  it.each(named('FAILED | go on'))('%s', async (_name, says) => {
    const { id, first } = await meets(says);
    expect(first).toMatchObject({ status: 'FAILED', attempts: 1, nextAttemptAt: null });
    expect(first.lastError).toMatch(/^The mail server answered: 55\d /);
    expect(await channelNow()).toMatchObject({ state: 'open' });
    await recovers(says);
    expect(await delivery(id)).toMatchObject({ status: 'FAILED' });
  });

  it('does any of this is in the table for operators', () => {
    const [, table] =
      /### What the mail server answers\n([\s\S]+?)\n#/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
    const rows = [...table.matchAll(ROW)].slice(2).map(([, answer, mail, others]) => `${mail} | ${others}: ${answer}`);
    const cases = Object.entries(ANSWERS).flatMap(([outcome, says]) =>
      Object.keys(says).map((answer) => `${outcome}: ${answer}`),
    );
    expect(rows.sort()).toEqual(cases.sort());
  });

  it('shows a certificate that nobody vouches for is believed on this machine, unless SMTP_URL says otherwise', async () => {
    await server.say({ EHLO: ENCRYPTING });
    const trusting = await startApp({ SMTP_URL: server.url.replace('smtp:', 'SMTP:') }, { replay: false });
    const email = newAddress();
    await trusting.api.post(
      '/platform/invitations',
      { email, platformRole: 'MEMBER' },
      { as: await signInAdmin(trusting) },
    );
    await eventually(() => expect(server.to(email)).toHaveLength(1));
    expect(server.heard).toContain('STARTTLS');
    await trusting.stop();
    await server.say({});
  });

  it('is away is asked later and later, with one mail, while the others wait untouched', async () => {
    await server.close();
    const ids = await Promise.all(Array.from({ length: 12 }, () => inviteTo(newAddress())));
    await eventually(async () => expect(await channel()).toMatchObject({ state: 'paused' }));
    const { since } = await channel();
    const attempts = async () => {
      const [{ sum }] = await app.dataSource.query(
        `SELECT sum(attempts)::int FROM mail_messages WHERE status IN ('QUEUED', 'SENDING')`,
      );
      return sum as number;
    };
    const first = await attempts();
    expect(first).toBeLessThanOrEqual(5);
    await eventually(async () => expect(await attempts()).toBe(first + 2));
    expect((await channel()).since).toBe(since);
    for (const id of ids) expect(await delivery(id)).toMatchObject({ status: 'QUEUED' });
    const [{ deferrals }] = await app.dataSource.query(
      `SELECT max(deferrals) AS deferrals FROM mail_messages WHERE status = 'QUEUED'`,
    );
    expect(deferrals).toBe(0);
    await server.open();
    for (const id of ids) await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'SENT' }));
    expect(await channelNow()).toMatchObject({ state: 'open' });
  });

  it('answers to the mails of one tenant as if nobody had signed in keeps nobody else waiting', async () => {
    const theirs = Array.from({ length: 30 }, () => newAddress('theirs'));
    await server.say({
      RCPT: (recipient) => Promise.resolve(theirs.includes(recipient) ? '530 5.7.0 sign in first' : '250 welcome'),
    });
    await Promise.all(theirs.map(inviteTo));
    const id = await inviteTo(newAddress());
    await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'SENT' }));
    expect(await channelNow()).toMatchObject({ state: 'open' });
    await server.say({});
  });

  describe('is slow', () => {
    /** The server waits at the last moment before the content. */
    const held = async (email: string) => {
      let reached = false;
      let goOn = (): void => undefined;
      const gate = new Promise<void>((resolve) => (goOn = resolve));
      await server.say({
        RCPT: async () => {
          reached = true;
          await gate;
          return '250 at last';
        },
      });
      const id = await inviteTo(email);
      await eventually(() => expect(reached).toBe(true));
      return { id, goOn };
    };

    const tokenFor = async (email: string): Promise<string> => {
      const [mail] = await eventually(() => {
        expect(server.to(email)).toHaveLength(1);
        return server.to(email);
      });
      return tokenOf(await simpleParser(mail.content));
    };
    const buildPerson = async (): Promise<{ email: string; token: string }> => {
      const email = newAddress();
      await app.api.post('/platform/invitations', { email, platformRole: 'MEMBER' }, { as: owner });
      const acceptance = { token: await tokenFor(email), givenName: 'Jo', password: PASSWORD };
      const { body } = await app.api.post('/invitations/accept', acceptance);
      return { email, token: body.session.token };
    };

    const endings: [string, (id: string, person: { token: string }) => Promise<Answer>][] = [
      ['revoked', (id) => app.api.delete(`/invitations/${id}`, { as: owner })],
      ['accepted', (id, person) => app.api.post(`/me/invitations/${id}/accept`, undefined, { as: person })],
      ['declined', (id, person) => app.api.post(`/me/invitations/${id}/decline`, undefined, { as: person })],
    ];
    it.each(endings)('gets nothing of an invitation that is %s meanwhile', async (_name, end) => {
      // Delete the question in MailSending: the mail arrives.
      await server.say({});
      const person = await buildPerson();
      const { id, goOn } = await held(person.email);
      const before = server.to(person.email).length;
      expect((await end(id, person)).status).toBeLessThan(300);
      goOn();
      await eventually(() => expect(server.heard.slice(-1)).toEqual(['DATA']));
      expect(await delivery(id)).toMatchObject({ status: 'SKIPPED' });
      await server.say({});
      const next = newAddress();
      await inviteTo(next);
      await eventually(() => expect(server.to(next)).toHaveLength(1));
      expect(server.to(person.email)).toHaveLength(before);
    });

    it('gets the new link alone of an invitation that is rotated meanwhile', async () => {
      const email = newAddress();
      const { id, goOn } = await held(email);
      expect((await app.api.patch(`/invitations/${id}`, { role: 'ADMIN' }, { as: owner })).status).toBe(200);
      goOn();
      await eventually(async () => expect(await delivery(id)).toMatchObject({ status: 'SENT' }));
      const lookup = await app.api.post('/invitations/lookup', { token: await tokenFor(email) });
      expect(lookup.status).toBe(200);
    });
  });
});
