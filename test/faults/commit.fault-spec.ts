import type { Answer } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { newAddress } from '../support/factories.js';
import type { ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Proxy } from './support/proxy.js';

/** Let `leave` in idempotency.ts do nothing: all but the first make a second organisation, or answer otherwise. */
describe('a COMMIT whose answer is lost', () => {
  let cluster: Cluster;
  let proxy: Proxy;
  let server: ServerProcess;
  let round = 0;
  let name: string;
  beforeAll(async () => {
    cluster = await new Cluster().open();
    const url = cluster.databaseUrl;
    proxy = await new Proxy(Number(url.port)).open();
    url.port = String(proxy.port);
    server = await cluster.start({ DATABASE_URL: url.href });
    await cluster.signIn(server);
  });
  beforeEach(() => {
    round += 1;
    name = `Once in round ${round}`;
  });
  afterAll(async () => {
    await cluster.close();
    await proxy.close();
  });

  const found = (to: ServerProcess): Promise<Answer> => {
    const options = { as: cluster.token, headers: { 'Idempotency-Key': `round-${round}` } };
    return to.api.post('/organisations', { name }, options);
  };
  const founded = async (): Promise<string[]> => {
    const { rows } = await cluster.sql.query<{ id: string }>('SELECT id FROM organisations WHERE name = $1', [name]);
    return rows.map(({ id }) => id);
  };
  const isReplay = ({ headers }: Answer): boolean => headers.get('idempotency-replayed') === 'true';

  it('because it never arrived: 503, and the same Idempotency-Key does it', async () => {
    proxy.cutAtCommit('before');
    expect(await found(server)).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    expect(await founded()).toEqual([]);
    const again = await found(server);
    expect(again.status).toBe(201);
    expect(isReplay(again)).toBe(false);
    expect(await founded()).toEqual([again.body.id]);
  });

  it('with the connection alone: Usher finds out that it was done, and answers as if nothing had happened', async () => {
    proxy.cutAtCommit('after');
    const first = await found(server);
    expect(first.status).toBe(201);
    const again = await found(server);
    expect(isReplay(again)).toBe(true);
    expect(again.body).toEqual(first.body);
    expect(await founded()).toEqual([first.body.id]);
  });

  it('with all connections: 503, and the same Idempotency-Key never does it twice', async () => {
    proxy.cutAtCommit('after', () => proxy.cut());
    expect(await found(server)).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    proxy.mend();
    const again = await Promise.all([found(server), found(server)]);
    for (const { status, body } of again) {
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'idempotency_answer_lost' });
    }
    expect(await founded()).toHaveLength(1);
  });

  it('while the key has passed to another request: that one does it, and the first is taken back', async () => {
    const letGo = await cluster.lockTable('audit_events');
    const first = found(server);
    const waiting = (count: number) =>
      eventually(async () => {
        const { rows } = await cluster.sql.query(`SELECT FROM pg_locks WHERE NOT granted`);
        expect(rows).toHaveLength(count);
      });
    await waiting(1);
    await cluster.sql.query(`UPDATE idempotency_keys SET expires_at = now() WHERE answer IS NULL`);
    const second = found(server);
    await waiting(2);
    await letGo();
    const [overtaken, done] = await Promise.all([first, second]);
    expect(overtaken.body.code).toBe('idempotency_key_in_use');
    expect(await founded()).toEqual([done.body.id]);
  });

  it('of an invitation: one invitation, one mail, one answer', async () => {
    const email = newAddress();
    const invite = () =>
      server.api.post(
        `/organisations/${cluster.organisationId}/invitations`,
        { email, role: 'MEMBER' },
        { as: cluster.token, headers: { 'Idempotency-Key': email } },
      );
    proxy.cutAtCommit('after');
    const first = await invite();
    expect(first.status).toBe(201);
    const again = await invite();
    expect(isReplay(again)).toBe(true);
    expect(again.body).toEqual(first.body);
    await cluster.inbox.newest(email);
    expect(cluster.inbox.to(email)).toHaveLength(1);
    note('the answer to a COMMIT lost, with an Idempotency-Key', { 'invitations made': 1, mails: 1 });
  });

  it('with the process: another one does not do it again', async () => {
    const other = await cluster.start();
    proxy.cutAtCommit('after', () => void server.kill());
    await expect(found(server)).rejects.toThrow();
    expect((await found(other)).body.code).toBe('idempotency_answer_lost');
    expect(await founded()).toHaveLength(1);
  });
});
