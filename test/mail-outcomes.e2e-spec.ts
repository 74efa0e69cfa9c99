import { setTimeout as delay } from 'node:timers/promises';
import { MailDispatcher } from '@usher/mailer';
import { Proxy } from './faults/support/proxy.js';
import { startApp, startInstance, type TestApp } from './support/app.js';
import { onServer } from './support/database.js';
import { eventually } from './support/eventually.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';

/** As many as are sent at once of one organisation. */
const MAILS = 5;

describe('a mail that has left', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  beforeAll(async () => {
    app = await startApp();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  it('is known to have left, although the database was away at that moment', async () => {
    // Leave the loop out of MailOutcomes.write, or `id <> ALL ($3)` out of the claim: it is sent twice, or stays SENDING.
    if (!onServer()) return; // the embedded database is never away
    await app.nest.get(MailDispatcher).onModuleDestroy();
    const url = new URL(app.environment.DATABASE_URL);
    const proxy = await new Proxy(Number(url.port)).open();
    url.port = String(proxy.port);
    const sender = await startInstance({ ...app.environment, DATABASE_URL: url.href });
    const email = newAddress();
    app.inbox.onArrival = async () => {
      app.inbox.onArrival = null;
      proxy.cut(); // before the mail server says that it took the mail
      void delay(500).then(() => {
        proxy.mend();
        sender.nest.get(MailDispatcher).wake();
      });
      await app.dataSource.query(`UPDATE mail_messages SET next_attempt_at = now() WHERE status = 'SENDING'`);
    };
    await invite(email);
    sender.nest.get(MailDispatcher).wake();
    await app.inbox.newest(email);
    await eventually(async () => expect(await outcomes([email])).toEqual([{ status: 'SENT', attempts: 1 }]));
    sender.nest.get(MailDispatcher).wake();
    await sender.nest.close();
    await proxy.close();
    expect(app.inbox.to(email)).toHaveLength(1);
  });

  it('is known to have left beside others whose rows are in somebody’s hands', async () => {
    // Take SKIP LOCKED away: all wait for the one.
    if (!onServer()) return; // there is one connection
    const sender = await startInstance(app.environment);
    const addresses = Array.from({ length: MAILS }, () => newAddress());
    const holder = app.dataSource.createQueryRunner();
    let letAllGo = (): void => undefined;
    const allHere = new Promise<void>((resolve) => (letAllGo = resolve));
    let arrived = 0;
    app.inbox.onArrival = async () => {
      arrived += 1;
      if (arrived === MAILS) {
        await holder.startTransaction();
        await holder.query('SELECT FROM mail_messages WHERE to_address = $1 FOR UPDATE', [addresses[0]]);
        letAllGo();
      }
      await allHere; // they end at one moment
    };
    const invitations = addresses.map((email) => ({ email, role: 'MEMBER' }));
    await app.api.post(`/organisations/${acme.id}/invitations/bulk`, { invitations }, { as: owner });
    sender.nest.get(MailDispatcher).wake();
    const others = addresses.slice(1);
    await eventually(async () =>
      expect(await outcomes(others)).toEqual(others.map(() => ({ status: 'SENT', attempts: 1 }))),
    );
    expect(await outcomes(addresses.slice(0, 1))).toEqual([{ status: 'SENDING', attempts: 1 }]);
    await holder.rollbackTransaction();
    await holder.release();
    await eventually(async () =>
      expect(await outcomes(addresses)).toEqual(addresses.map(() => ({ status: 'SENT', attempts: 1 }))),
    );
    app.inbox.onArrival = null;
    await sender.nest.close();
    expect(arrived).toBe(MAILS);
  });

  const outcomes = (addresses: string[]): Promise<object[]> =>
    app.dataSource.query('SELECT status, attempts FROM mail_messages WHERE to_address = ANY ($1)', [addresses]);

  async function invite(email: string): Promise<void> {
    const path = `/organisations/${acme.id}/invitations`;
    expect((await app.api.post(path, { email, role: 'MEMBER' }, { as: owner })).status).toBe(201);
  }
});
