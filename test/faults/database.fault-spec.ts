import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import type { ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Ledger } from './support/ledger.js';
import { OwnPostgres } from './support/own-postgres.mjs';

const STORM = 40;
const END_ALL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'usher'`;

describe('a database in trouble', () => {
  const { FAULTS_POSTGRES_FOLDER = '', FAULTS_POSTGRES_PORT = '' } = process.env;
  const postgres = new OwnPostgres(FAULTS_POSTGRES_FOLDER, Number(FAULTS_POSTGRES_PORT));
  let cluster: Cluster;
  let servers: ServerProcess[];
  beforeEach(async () => {
    cluster = await new Cluster().open();
    servers = [await cluster.start()];
    await cluster.signIn(servers[0]);
    servers.push(await cluster.start());
  });
  afterEach(() => cluster.close());

  const expectBothWell = async (): Promise<void> => {
    expect(cluster.alive).toEqual(servers);
    for (const { root } of servers) await eventually(async () => expect((await root.get('/readyz')).status).toBe(200));
  };

  it(`that ends all connections, ${STORM} times: refused requests are answered 503, and nothing is lost`, async () => {
    const ledger = new Ledger(cluster);
    const inviting = ledger.invite(400, 20);
    for (let i = 0; i < STORM; i += 1) {
      await cluster.sql.query(END_ALL);
      await delay(50);
    }
    await inviting;
    await expectBothWell();
    await cluster.endLeases();
    expect(ledger.counts.unanswered).toBe(0);
    note(`all connections ended by PostgreSQL, ${STORM} times`, await ledger.compare({ duplicatesAtMost: 400 }));
  });

  it('that is restarted in good order and by a crash: Usher lives, says that it is not ready, and goes on by itself', async () => {
    const ledger = new Ledger(cluster);
    for (const mode of ['fast', 'immediate'] as const) {
      const inviting = ledger.invite(200, 20);
      await eventually(() => expect(ledger.acknowledged.size % 200).toBeGreaterThan(40));
      postgres.stop(mode);
      await eventually(async () => expect((await servers[0].root.get('/readyz')).status).toBe(503));
      expect((await servers[0].root.get('/healthz')).status).toBe(200);
      postgres.start();
      await inviting;
      await expectBothWell();
    }
    await cluster.endLeases();
    expect(ledger.counts.unanswered).toBe(0);
    note(
      'PostgreSQL restarted, once in good order and once by a crash',
      await ledger.compare({ duplicatesAtMost: 400 }),
    );
  });

  it('that may only be read, as after a fail-over: not ready, 503, and back without a restart', async () => {
    const name = cluster.databaseUrl.pathname.slice(1);
    await cluster.sql.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await cluster.sql.query(END_ALL);
    const refused = await eventually(async () => {
      const answer = await cluster.invite(servers[0], 'kim@example.com');
      expect(answer.status).toBe(503);
      return answer;
    });
    expect(refused).toMatchObject({ body: { code: 'database_unavailable' } });
    expect((await servers[0].root.get('/readyz')).body.detail).toBe('Not ready: database.');

    await cluster.sql.query('SET default_transaction_read_only = off');
    await cluster.sql.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await expectBothWell();
    await eventually(async () => expect((await cluster.invite(servers[0], 'kim@example.com')).status).toBe(201));
  });

  it('that waits for a lock longer than it may: 503 instead of a wait without end', async () => {
    // Take timeLimits out of connection-options.ts: nobody answers.
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
