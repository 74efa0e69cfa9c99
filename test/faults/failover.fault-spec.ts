import { eventually } from '../support/eventually.js';
import { freePort, type ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Ledger } from './support/ledger.js';
import type { OwnPostgres } from './support/own-postgres.mjs';
import { Proxy } from './support/proxy.js';
import { postgres } from './support/worker-server.js';

describe('a fail-over', () => {
  let cluster: Cluster;
  let proxy: Proxy;
  let standby: OwnPostgres;
  let servers: ServerProcess[];
  beforeAll(async () => {
    postgres.stop('fast');
    postgres.start({ synchronous_standby_names: '*', synchronous_commit: 'local' });
    cluster = await new Cluster().open();
    standby = postgres.standby(Number(await freePort()));
    standby.start();
    await cluster.sql.query(`ALTER DATABASE ${cluster.databaseUrl.pathname.slice(1)} SET synchronous_commit = 'on'`);
    proxy = await new Proxy(postgres.port).open();
    const url = through(proxy.port);
    servers = [await cluster.start({ DATABASE_URL: url }), await cluster.start({ DATABASE_URL: url })];
    await cluster.signIn(servers[0]);
  });
  afterAll(async () => {
    standby.remove();
    postgres.start();
    await cluster.close();
    await proxy.close();
  });

  const through = (port: number): string => {
    const url = cluster.databaseUrl;
    url.port = String(port);
    return url.href;
  };

  it('to a standby that may only be read at first: 503 until it is the primary, nothing lost, no restart', async () => {
    const ledger = new Ledger(cluster);
    const inviting = ledger.invite(200, 20);
    await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan(40));
    proxy.leadTo(standby.port);
    postgres.stop('immediate');
    await eventually(async () => {
      const { status, body } = await servers[0].root.get('/readyz');
      expect({ status, detail: body.detail }).toEqual({ status: 503, detail: 'Not ready: database.' });
    });
    expect((await servers[0].root.get('/healthz')).status).toBe(200);
    const { answered503 } = ledger.counts;
    await eventually(() => expect(ledger.counts.answered503).toBeGreaterThan(answered503 + 10));
    standby.promote();
    await inviting;
    expect(cluster.alive).toEqual(servers);
    for (const { root } of servers) await eventually(async () => expect((await root.get('/readyz')).status).toBe(200));
    expect(ledger.counts.unanswered).toBe(0);
    cluster.look(new URL(through(standby.port)));
    await cluster.endLeases();
    note('fail-over to a standby, by crash', await ledger.compare({ duplicatesAtMost: 400 }));
  });
});
