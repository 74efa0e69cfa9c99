import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import type { ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Ledger } from './support/ledger.js';
import { postgres } from './support/worker-server.js';

const STORM = 40;
const END_ALL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'usher'`;

describe('a database in trouble', () => {
  let cluster: Cluster;
  let servers: ServerProcess[];
  beforeAll(async () => {
    cluster = await new Cluster().open();
    servers = await Promise.all([cluster.start(), cluster.start()]);
    await cluster.signIn(servers[0]);
  });
  beforeEach(() => cluster.beginAnew(servers[0]));
  afterAll(() => cluster.close());

  const expectBothWell = async (): Promise<void> => {
    expect(cluster.alive).toEqual(servers);
    for (const { root } of servers) await eventually(async () => expect((await root.get('/readyz')).status).toBe(200));
  };

  const says = (words: string): boolean => servers.some(({ output }) => output.includes(words));

  const expectWellAfter = async (ledger: Ledger, inviting: Promise<void>, fault: string): Promise<void> => {
    await inviting;
    await expectBothWell();
    await cluster.endLeases();
    expect(ledger.counts.unanswered).toBe(0);
    note(fault, await ledger.compare({ duplicatesAtMost: 400 }));
  };

  it(`that ends all connections, ${STORM} times: refused requests are answered 503, and nothing is lost`, async () => {
    const ledger = new Ledger(cluster);
    const inviting = ledger.invite(400, 20);
    for (let i = 0; i < STORM; i += 1) {
      await cluster.sql.query(END_ALL);
      await delay(50);
    }
    await expectWellAfter(ledger, inviting, `all connections ended by PostgreSQL, ${STORM} times`);
  });

  it.each(['fast', 'immediate'] as const)(
    'that is stopped (%s) and started: Usher lives, says that it is not ready, and goes on by itself',
    async (mode) => {
      const ledger = new Ledger(cluster);
      const inviting = ledger.invite(200, 20);
      await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan(40));
      postgres.stop(mode);
      await eventually(async () => expect((await servers[0].root.get('/readyz')).status).toBe(503));
      expect((await servers[0].root.get('/healthz')).status).toBe(200);
      postgres.start();
      const how = mode === 'fast' ? 'in good order' : 'by a crash';
      await expectWellAfter(ledger, inviting, `PostgreSQL stopped ${how}, and started`);
    },
  );

  it('that may only be read, as after a fail-over: not ready, 503, and back without a restart', async () => {
    const name = cluster.databaseUrl.pathname.slice(1);
    const ledger = new Ledger(cluster);
    const inviting = ledger.invite(100, 20);
    await cluster.sql.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await cluster.sql.query(END_ALL);
    await untilRefused(ledger);
    expect((await servers[0].root.get('/readyz')).body.detail).toBe('Not ready: database.');
    await cluster.sql.query('SET default_transaction_read_only = off');
    await cluster.sql.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await expectWellAfter(ledger, inviting, 'a database that may only be read, for a moment');
  });

  it('that has no room on its disk: 503, what can be read is read, and it goes on when there is room', async () => {
    const ledger = new Ledger(cluster);
    const path = await emptyFile(cluster, 'sending_counters');
    rmSync(path);
    symlinkSync('/dev/full', path); // from now on the kernel answers ENOSPC
    const inviting = ledger.invite(100, 20);
    await untilRefused(ledger);
    expect((await servers[0].api.get('/organisations', { as: cluster.token })).status).toBe(200);
    expect(says('No space left on device')).toBe(true);
    await emptyFile(cluster, 'sending_counters');
    await expectWellAfter(ledger, inviting, 'no room on the disk, for a moment');
  });

  it('that has no connection left for Usher: 503, and it goes on when there are some', async () => {
    const ledger = new Ledger(cluster);
    const inviting = ledger.invite(100, 20);
    const hogs: pg.Client[] = [];
    while (!says('too many clients')) {
      await cluster.sql.query(END_ALL);
      hogs.push(...(await takeAllConnections(cluster)));
    }
    expect(hogs.length).toBeGreaterThan(10);
    expect(ledger.counts.answered503).toBeGreaterThan(0);
    expect((await servers[0].root.get('/healthz')).status).toBe(200);
    await Promise.all(hogs.map((hog) => hog.end()));
    await expectWellAfter(ledger, inviting, 'no connection left on the server, for a moment');
  });

  it('whose connections are all in use: those who would wait longer than five seconds are told to come again', async () => {
    const MOST = 3;
    const server = await cluster.start({ DATABASE_POOL_SIZE: String(MOST) });
    const letGo = await cluster.lockTable('organisations');
    const list = () => server.api.get('/organisations', { as: cluster.token });
    const all = Array.from({ length: 4 * MOST }, list);
    const { status, body, headers } = await Promise.any(all);
    await letGo();
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'database_unavailable' });
    expect(headers.get('retry-after')).toBe('5');
    const statuses = (await Promise.all(all)).map((answer) => answer.status);
    expect(statuses.filter((each) => each === 200).length).toBeGreaterThanOrEqual(MOST);
    expect((await list()).status).toBe(200);
  });

  it('that waits for a lock longer than it may: 503 instead of a wait without end', async () => {
    // Take sessionSettings out of connection-options.ts: nobody answers.
    const server = await cluster.start({ DATABASE_TIMEOUT_SECONDS: '1' });
    const letGo = await cluster.lockTable('organisations');
    const list = () => server.api.get('/organisations', { as: cluster.token });
    const answers = await Promise.all(Array.from({ length: 5 }, list));
    await letGo();
    for (const { status, body, headers } of answers) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'database_unavailable' });
      expect(headers.get('retry-after')).toBe('5');
    }
    expect((await list()).status).toBe(200);
  });
});

const untilRefused = (ledger: Ledger): Promise<void> =>
  eventually(() => expect(ledger.counts.answered503).toBeGreaterThan(10));

/** Gives the table a new file with nothing in it, and answers where that is. */
async function emptyFile({ sql }: Cluster, table: string): Promise<string> {
  await sql.query(`TRUNCATE ${table}`);
  await sql.query('CHECKPOINT');
  const { rows } = await sql.query<{ path: string }>('SELECT pg_relation_filepath($1) AS path', [table]);
  return join(postgres.data, rows[0].path);
}

/** Until the server has none any more. */
async function takeAllConnections({ databaseUrl }: Cluster): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: databaseUrl.href, application_name: 'hog' });
    client.on('error', () => undefined); // of one that did not get in
    const isIn = await client.connect().then(
      () => true,
      () => false,
    );
    if (!isIn) return taken;
    taken.push(client);
  }
}
