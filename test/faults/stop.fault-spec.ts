import { eventually } from '../support/eventually.js';
import type { ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Ledger } from './support/ledger.js';
import { Proxy } from './support/proxy.js';

const STOPS = 4;
/** What is promised, in seconds; on a machine with more to do it takes longer. */
const PROMISED = 10;

describe('SIGTERM', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await new Cluster().open();
  });
  afterEach(() => cluster.close());

  it('under load: not ready at once, every request that was taken is answered, and no connection is reset', async () => {
    await cluster.signIn(await cluster.start());
    await cluster.start();
    /** As a load balancer does: to those that say that they are ready. */
    const leaving = new Set<ServerProcess>();
    const ledger = new Ledger(cluster, () => cluster.alive.find((server) => !leaving.has(server)));
    let longest = 0;
    for (let stops = 1; stops <= STOPS; stops += 1) {
      const inviting = ledger.invite(100, 20);
      await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan((stops - 0.8) * 100));
      const [server] = cluster.alive;
      const began = performance.now();
      const ended = server.stop();
      await eventually(async () => {
        const ready = await server.root.get('/readyz');
        expect(ready).toMatchObject({ status: 503, body: { code: 'not_ready', detail: 'Not ready: stopping.' } });
        expect(ready.headers.get('connection')).toBe('close');
      });
      leaving.add(server);
      expect(await ended).toBe(0);
      longest = Math.max(longest, performance.now() - began);
      await Promise.all([inviting, cluster.start()]);
    }
    expect(ledger.counts.unanswered).toBe(0);
    expect(longest).toBeLessThan(10 * PROMISED * 1_000);
    const figures = await ledger.compare({ duplicatesAtMost: 0 });
    note(`SIGTERM under load, ${STOPS} times`, { ...figures, 'longest stop (ms)': Math.round(longest) });
  });

  it('while it starts: it ends at once, and the next one starts', async () => {
    const ends = [];
    for (const after of ['immediately', 'a connection'] as const) {
      const server = await cluster.spawn();
      if (after === 'a connection') await eventually(() => expectConnection(cluster));
      ends.push(await stopWhenHeard(server));
    }
    expect(ends).toEqual([0, 0]);
    const { root } = await cluster.start();
    expect((await root.get('/readyz')).status).toBe(200);
  });

  it('while the mail server hangs: it ends all the same, and the next one sends the mail at once', async () => {
    const proxy = await new Proxy(Number(new URL(cluster.inbox.url).port)).open();
    proxy.silence();
    const server = await cluster.start({ SMTP_URL: `smtp://127.0.0.1:${proxy.port}` });
    await cluster.signIn(server);
    const ledger = new Ledger(cluster);
    await ledger.invite(3);
    await eventually(async () => {
      const { rows } = await cluster.sql.query(`SELECT FROM mail_messages WHERE status = 'SENDING'`);
      expect(rows.length).toBeGreaterThan(0);
    });
    expect(await server.stop()).toBe(0);
    await proxy.close();
    await cluster.start();
    await ledger.compare({ duplicatesAtMost: 0 });
  });
});

async function expectConnection({ sql }: Cluster): Promise<void> {
  const { rows } = await sql.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'usher'`,
  );
  expect(rows.length).toBeGreaterThan(0);
}

/** Node itself must have come so far that it hears anything. */
async function stopWhenHeard(server: ServerProcess): Promise<number | null> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return server.stop();
}
