import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';

const REPLICAS = 4;
const WAITS = 'Another replica migrates';

describe('an empty database', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await new Cluster().open({ empty: true });
  });
  afterEach(() => cluster.close());

  const migrations = async (): Promise<{ all: number; different: number }> => {
    const { rows } = await cluster.sql.query(
      'SELECT count(*)::int AS all, count(DISTINCT name)::int AS different FROM migrations',
    );
    return rows[0];
  };

  it(`is migrated once by ${REPLICAS} replicas that start at the same instant, and all of them come up`, async () => {
    // Let isOurs in migrate.ts answer true without asking: nobody waits.
    const letGo = await holdLock(cluster);
    const servers = await Promise.all(Array.from({ length: REPLICAS }, () => cluster.spawn()));
    for (const server of servers) await eventually(() => expect(server.output).toContain(WAITS));
    await letGo();
    await Promise.all(servers.map((server) => server.untilUp()));
    for (const { root } of servers) expect((await root.get('/readyz')).status).toBe(200);
    for (const { output } of servers) expect(output).not.toContain('Retrying');
    const { all, different } = await migrations();
    expect(all).toBe(different);
    const { rows } = await cluster.sql.query(`SELECT FROM users WHERE platform_role = 'ADMIN'`);
    expect(rows).toHaveLength(1);
    note(`${REPLICAS} replicas started on an empty database`, { started: servers.length, migrations: all });
  });

  it('is migrated by the next one when the one that began is killed', async () => {
    const first = await cluster.spawn();
    await eventually(async () => expect((await lockHolders(cluster)).length).toBe(1));
    await first.kill();
    await cluster.start();
    expect((await migrations()).all).toBeGreaterThan(0);
    expect(await lockHolders(cluster)).toEqual([]);
  });

  it('is waited for without a snapshot, so that an index can be built beside the tables in use', async () => {
    const letGo = await holdLock(cluster);
    const waiting = await cluster.spawn();
    await eventually(() => expect(waiting.output).toContain(WAITS));
    await cluster.sql.query('CREATE TABLE beside (id integer)');
    await cluster.sql.query('CREATE INDEX CONCURRENTLY beside_id ON beside (id)');
    await cluster.sql.query('DROP TABLE beside');
    await letGo();
    await waiting.untilUp();
  });
});

/** As a replica that migrates, until the answer is called. */
async function holdLock({ databaseUrl }: Cluster): Promise<() => Promise<void>> {
  const holder = new pg.Client({ connectionString: databaseUrl.href });
  holder.on('error', () => undefined); // when the test fails, its database is dropped
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT pg_advisory_xact_lock(5107426388)');
  return async () => {
    await holder.query('COMMIT');
    await holder.end();
  };
}

async function lockHolders({ sql }: Cluster): Promise<unknown[]> {
  const { rows } = await sql.query(
    `SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
     WHERE datname = current_database() AND locktype = 'advisory' AND objid = 812459092 AND granted`,
  );
  return rows;
}
