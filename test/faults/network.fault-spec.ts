import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Ledger } from './support/ledger.js';
import { Proxy } from './support/proxy.js';

/** Of one statement. A connection that is silent five seconds longer is given up. */
const TIMEOUT_SECONDS = 1;
const GIVEN_UP_AFTER = (TIMEOUT_SECONDS + 5) * 1_000;

describe('a network in trouble', () => {
  let cluster: Cluster;
  let proxy: Proxy;
  beforeEach(async () => {
    cluster = await new Cluster().open();
  });
  afterEach(async () => {
    await cluster.close();
    await proxy.close();
  });

  it('that falls silent and is cut between Usher and its database: every request is answered, and it goes on by itself', async () => {
    const url = cluster.databaseUrl;
    proxy = await new Proxy(Number(url.port)).open();
    url.port = String(proxy.port);
    const server = await cluster.start({ DATABASE_URL: url.href, DATABASE_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS) });
    await cluster.signIn(server);
    const ledger = new Ledger(cluster);
    const inviting = ledger.invite(200, 50);

    await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan(40));
    proxy.silence();
    const asked = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, () => server.api.get('/me', { as: cluster.token })));
    const waited = performance.now() - asked;
    expect(answers.map(({ body }) => body.code)).toEqual(answers.map(() => 'database_unavailable'));
    expect(waited).toBeLessThan(10 * GIVEN_UP_AFTER);
    expect((await server.root.get('/healthz')).status).toBe(200);
    expect((await server.root.get('/readyz')).status).toBe(503);

    proxy.cut();
    await delay(500);
    proxy.mend();
    await inviting;
    await eventually(async () => expect((await server.root.get('/readyz')).status).toBe(200));
    expect(cluster.alive).toEqual([server]);
    expect(ledger.counts.unanswered).toBe(0);
    await cluster.endLeases();
    const figures = await ledger.compare({ duplicatesAtMost: 200 });
    note('silence and a cut between Usher and PostgreSQL', { ...figures, 'longest answer (ms)': Math.round(waited) });
  });

  it('that cuts the mail server off, and lets it hang: inviting goes on, and every mail arrives', async () => {
    proxy = await new Proxy(Number(new URL(cluster.inbox.url).port)).open();
    const server = await cluster.start({ SMTP_URL: `smtp://127.0.0.1:${proxy.port}` });
    await cluster.signIn(server);
    const ledger = new Ledger(cluster);
    await ledger.invite(50);
    proxy.cut();
    await ledger.invite(50);
    proxy.mend();
    await ledger.invite(50);
    proxy.silence();
    await ledger.invite(50);
    proxy.cut();
    proxy.mend();
    note('the mail server cut off and hanging', await ledger.compare({ duplicatesAtMost: 20 }));
    expect(ledger.counts).toMatchObject({ unanswered: 0, answered503: 0 });
  });
});
