import { eventually } from '../support/eventually.js';
import { freePort, type ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Ledger } from './support/ledger.js';
import { PgBouncer } from './support/pg-bouncer.js';
import { postgres } from './support/worker-server.js';

describe('PgBouncer in transaction mode', () => {
  let cluster: Cluster;
  let bouncer: PgBouncer;
  let servers: ServerProcess[];
  let ledger: Ledger;
  beforeAll(async () => {
    cluster = await new Cluster().open({ empty: true });
    bouncer = new PgBouncer(Number(await freePort()), postgres.port);
    bouncer.start();
    const url = cluster.databaseUrl;
    url.port = String(bouncer.port);
    const start = () => cluster.start({ DATABASE_URL: url.href });
    servers = await Promise.all([start(), start()]);
    await cluster.signIn(servers[0]);
    ledger = new Ledger(cluster);
  });
  afterAll(async () => {
    await cluster.close();
    await bouncer.remove();
  });

  /** Let `isForeignName` answer false: 500. */
  it('migrates an empty database, gives prepared statements up when they are not known, and nobody notices', async () => {
    await ledger.invite(200);
    expect(ledger.counts).toMatchObject({ unanswered: 0, answered503: 0 });
    await ledger.compare({ duplicatesAtMost: 0 });
  });

  it('that is killed and started again: 503, and it goes on by itself', async () => {
    const inviting = ledger.invite(200, 20);
    await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan(240));
    await bouncer.stop();
    await eventually(async () => expect((await servers[0].root.get('/readyz')).status).toBe(503));
    bouncer.start();
    await inviting;
    expect(cluster.alive).toEqual(servers);
    expect(ledger.counts.unanswered).toBe(0);
    await cluster.endLeases();
    note('PgBouncer killed and started', await ledger.compare({ duplicatesAtMost: 200 }));
  });
});
