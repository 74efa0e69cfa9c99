import { setTimeout as delay } from 'node:timers/promises';
import { startApp, type TestApp } from './support/app.js';
import { onServer } from './support/database.js';
import { eventually } from './support/eventually.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';
import { PATIENCE } from './support/patience.mjs';
import { SmtpScript } from './support/smtp-script.js';

const A_SECOND = 50;
/** The embedded database does about as many in all. */
const SECONDS = onServer() ? 10 : 2;
/** The longest pause of the channel, and time for the mails. */
const RECOVERY = 60_000 + PATIENCE;

describe('a mail server that is away for a while', () => {
  const server = new SmtpScript();
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  beforeAll(async () => {
    await server.open();
    app = await startApp({ SMTP_URL: server.url }, { replay: false }); // a stream at a steady pace
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(async () => {
    await app.stop();
    await server.close();
  });

  it('keeps nobody from inviting, and gets every mail once when it is back, but none that was revoked meanwhile', async () => {
    await server.close();
    const invitations: { id: string; email: string }[] = [];
    for (let second = 0; second < SECONDS; second++) {
      const created = Array.from({ length: A_SECOND }, async (_, index) => {
        await delay((index * 1_000) / A_SECOND);
        return invite();
      });
      invitations.push(...(await Promise.all(created)));
    }
    const revoked = invitations.filter((_, index) => index % 10 === 0);
    const wanted = invitations.filter((_, index) => index % 10 !== 0);
    for (const { id } of revoked) expect((await app.api.delete(`/invitations/${id}`, { as: owner })).status).toBe(204);
    expect((await app.root.get('/readyz')).body.info.mail).toMatchObject({ status: 'up', state: 'paused' });
    const [{ attempts }] = await app.dataSource.query('SELECT sum(attempts)::int AS attempts FROM mail_messages');
    expect(attempts).toBeLessThan(40); // five at first, then one at each interval

    await server.open();
    await eventually(async () => expect(await waiting()).toBe(0), RECOVERY);
    expect(wanted.filter(({ email }) => server.to(email).length !== 1)).toEqual([]);
    expect(revoked.filter(({ email }) => server.to(email).length > 0)).toEqual([]);
    expect((await app.root.get('/readyz')).body.info.mail).toMatchObject({ state: 'open' });
  });

  async function invite(): Promise<{ id: string; email: string }> {
    const invitation = { email: newAddress(), role: 'MEMBER' };
    const { status, body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
    expect(status).toBe(201);
    return body;
  }

  async function waiting(): Promise<number> {
    const [{ count }] = await app.dataSource.query(
      `SELECT count(*)::int FROM mail_messages WHERE status IN ('QUEUED', 'SENDING')`,
    );
    return count as number;
  }
});
