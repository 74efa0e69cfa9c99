import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import type { ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { postgres } from './support/worker-server.js';

const ROLE = 'usher_turned_away';
const PASSWORD = 'the-right-password';
const RENAMED = 'renamed_away';

/** Statements, DB is the name of the database. */
const WAYS: [why: string, turnAway: string, letIn: string][] = [
  ['it takes no connections', 'ALTER DATABASE DB ALLOW_CONNECTIONS false', 'ALTER DATABASE DB ALLOW_CONNECTIONS true'],
  ['its name is another', `ALTER DATABASE DB RENAME TO ${RENAMED}`, `ALTER DATABASE ${RENAMED} RENAME TO DB`],
  ['the password is another', `ALTER ROLE ${ROLE} PASSWORD 'another'`, `ALTER ROLE ${ROLE} PASSWORD '${PASSWORD}'`],
  ['the role may not log in', `ALTER ROLE ${ROLE} NOLOGIN`, `ALTER ROLE ${ROLE} LOGIN`],
  ['the role may not connect', `REVOKE CONNECT ON DATABASE DB FROM ${ROLE}`, `GRANT CONNECT ON DATABASE DB TO ${ROLE}`],
  [
    'the role may have no connection',
    `ALTER ROLE ${ROLE} CONNECTION LIMIT 0`,
    `ALTER ROLE ${ROLE} CONNECTION LIMIT -1`,
  ],
  ['it may have no connection', 'ALTER DATABASE DB CONNECTION LIMIT 0', 'ALTER DATABASE DB CONNECTION LIMIT -1'],
];

describe('a database that turns Usher away', () => {
  let cluster: Cluster;
  let server: ServerProcess;
  let name: string;
  const rulesFile = join(postgres.data, 'pg_hba.conf');
  const rules = readFileSync(rulesFile, 'utf8');

  beforeAll(async () => {
    cluster = await new Cluster().open();
    const url = cluster.databaseUrl;
    name = url.pathname.slice(1);
    writeFileSync(rulesFile, `host all ${ROLE} 127.0.0.1/32 scram-sha-256\n${rules}`);
    await run('SELECT pg_reload_conf()');
    await run(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
    await run('REVOKE CONNECT ON DATABASE DB FROM PUBLIC');
    await run(`GRANT CONNECT ON DATABASE DB TO ${ROLE}`);
    await run(GRANT);
    Object.assign(url, { username: ROLE, password: PASSWORD });
    server = await cluster.start({ DATABASE_URL: url.href });
    await cluster.signIn(server);
  });
  afterAll(async () => {
    await server.kill();
    await run(`DROP ROLE ${ROLE}`); // its rights went with the database
    writeFileSync(rulesFile, rules);
    await run('SELECT pg_reload_conf()');
    await cluster.close();
  });

  const GRANT = `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${ROLE}`;
  const REVOKE = `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${ROLE}`;
  const run = (statement: string): Promise<unknown> => cluster.sql.query(statement.replaceAll('DB', name));
  const endAll = (): Promise<unknown> =>
    run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`);
  const list = () => server.api.get('/organisations', { as: cluster.token });

  const expectTurnedAway = async (): Promise<void> => {
    for (let asked = 0; asked < 20; asked += 1) {
      const { status, body } = await list();
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'database_unavailable' });
    }
    expect((await server.root.get('/healthz')).status).toBe(200);
    await eventually(async () => expect((await server.root.get('/readyz')).status).toBe(503));
  };
  const expectWell = async (): Promise<void> => {
    await eventually(async () => expect((await list()).status).toBe(200));
    await eventually(async () => expect((await server.root.get('/readyz')).status).toBe(200));
  };

  it('because its role may not touch the tables: 503, not ready, and back without a restart', async () => {
    await run(REVOKE);
    await expectTurnedAway();
    await run(GRANT);
    await expectWell();
  });

  describe('and lets it not even connect', () => {
    /** The test must not be turned away itself. */
    beforeAll(() => cluster.look(new URL(String(process.env.TEST_SERVER))));

    it.each(WAYS)('because %s: 503, not ready, and back without a restart', async (_why, turnAway, letIn) => {
      // Nobody may be connected where a name changes: Usher may be back between the two.
      await eventually(() => endAll().then(() => run(turnAway)));
      await endAll();
      await expectTurnedAway();
      await run(letIn);
      await expectWell();
    });

    it('because it was dropped: 503, and not ready', async () => {
      await run('DROP DATABASE DB WITH (FORCE)');
      await expectTurnedAway();
    });
  });
});
