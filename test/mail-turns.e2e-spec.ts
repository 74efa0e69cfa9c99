import { setTimeout as delay } from 'node:timers/promises';
import { MailDispatcher } from '@usher/mailer';
import { MailClaims } from '../libs/mailer/src/mail-claims.js';
import { startApp, type TestApp } from './support/app.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';
import { eventually } from './support/eventually.js';
import { SmtpScript } from './support/smtp-script.js';

const BULK = 1_000;
/** What may leave before: more were being sent, and two tenants take turns. */
const FIRST_FEW = 20;
/** More than one claim looks at. */
const OTHER_TENANTS = 100;
/** So many that PostgreSQL reads them by an index. */
const PAST = 5_000;

describe('one invitation beside the thousand of another organisation', () => {
  const slowServer = new SmtpScript();
  let app: TestApp;
  let owner: Person;
  let bulky: Organisation;
  let small: Organisation;

  const begin = async (environment: Record<string, string> = {}): Promise<void> => {
    app = await startApp(environment, { replay: false }); // the order of mails is looked at
    owner = await signInAdmin(app);
    bulky = await buildOrganisation(app, owner);
    small = await buildOrganisation(app, owner);
  };
  beforeAll(() => slowServer.open());
  afterEach(async () => {
    jest.restoreAllMocks();
    await app.nest.get(MailDispatcher).letGo();
    await app.stop();
  });
  afterAll(() => slowServer.close());

  it('leaves among the first', async () => {
    // Take `fair` out of the claim: a thousand leave before.
    await begin();
    const dispatcher = app.nest.get(MailDispatcher);
    jest.spyOn(dispatcher, 'wake').mockReturnValue();
    await inviteMany(BULK);
    const email = newAddress();
    await invite(email);
    jest.restoreAllMocks();
    dispatcher.wake();
    await app.inbox.newest(email);
    expect(app.inbox.mails.length).toBeLessThan(FIRST_FEW);
  });

  it('leaves although all the recipients of the other are slow, and however many organisations wait', async () => {
    // Let a tenant have all places, or begin each round of turns with the first: it waits.
    await begin({ SMTP_URL: slowServer.url.replace(/\?.*/, '') });
    const isSlow = (recipient: string): boolean => recipient.startsWith('slow');
    await slowServer.say({
      RCPT: (recipient) => (isSlow(recipient) ? new Promise(() => undefined) : Promise.resolve('250 recipient ok')),
    });
    await app.dataSource.query(WAITING, [OTHER_TENANTS]);
    await inviteMany(50, 'slow');
    await eventually(async () => {
      const sending = await app.dataSource.query(`SELECT FROM mail_messages WHERE status = 'SENDING'`);
      expect(sending).toHaveLength(5);
    });
    for (let i = 0; i < 3; i += 1) {
      const email = newAddress();
      await invite(email);
      await eventually(() => expect(slowServer.to(email)).toHaveLength(1));
    }
    const claims = jest.spyOn(app.nest.get(MailClaims, { strict: false }), 'claim');
    await delay(1_000); // nothing is due that may be sent: it does not look without end
    expect(claims.mock.calls.length).toBeLessThan(OTHER_TENANTS);
  });

  it('is found by its tenant, and by its id, while the statistics know of no mails that wait', async () => {
    // Let both indexes say in the same words what waits: then PostgreSQL looks for it among all.
    await begin();
    await app.dataSource.query(WAITING, [PAST]);
    await app.dataSource.query(`UPDATE mail_messages SET status = 'SENT'`);
    await app.dataSource.query('VACUUM (ANALYZE) mail_messages');
    const asked: [text: string, values: unknown[]][] = [];
    const { logger } = app.dataSource;
    Object.assign(app.dataSource, { logger: { logQuery: (...query: [string, unknown[]]) => asked.push(query) } });
    const email = newAddress();
    await invite(email);
    await app.inbox.newest(email);
    Object.assign(app.dataSource, { logger });
    const indexesOf = async (part: string): Promise<string[]> => {
      const [text, values] = asked.find(([query]) => query.includes(part))!;
      const plan = await app.dataSource.query<object[]>(`EXPLAIN (FORMAT JSON) ${text}`, values);
      return JSON.stringify(plan).match(/mail_messages_(?!\d)\w+/g)!;
    };
    // Only the oldest of all are found by when they are due.
    const claiming = await indexesOf('RECURSIVE turns');
    expect(claiming.filter((index) => index === 'mail_messages_due_at')).toHaveLength(1);
    expect(claiming).toContain('mail_messages_tenants');
    const reading = await indexesOf('SELECT mail.id FROM unnest');
    expect(new Set(reading)).toEqual(new Set(['mail_messages_pkey']));
  });

  async function inviteMany(many: number, name?: string): Promise<void> {
    const invitations = Array.from({ length: many }, () => ({ email: newAddress(name), role: 'MEMBER' }));
    const path = `/organisations/${bulky.id}/invitations/bulk`;
    const { body } = await app.api.post(path, { invitations }, { as: owner });
    expect(body.results).toHaveLength(many);
  }

  async function invite(email: string): Promise<void> {
    const path = `/organisations/${small.id}/invitations`;
    expect((await app.api.post(path, { email, role: 'MEMBER' }, { as: owner })).status).toBe(201);
  }
});

/** Of tenants whose turn comes first, and that have nothing due. */
const WAITING = `
  INSERT INTO mail_messages (id, tenant_id, subject_id, to_address, content, message_id, send_before, next_attempt_at)
  SELECT gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, gen_random_uuid(), n || '@example.com',
    '{}', n, now() + interval '1 day', now() + interval '1 hour'
  FROM generate_series(1, $1::int) AS n`;
