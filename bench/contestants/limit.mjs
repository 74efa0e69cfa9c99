import { withClient } from '../databases.mjs';
import { flagsOf, freePort, startServer } from '../processes.mjs';
import { HIGH_LIMITS, settle } from './usher.mjs';

export { isRight, requests } from './usher.mjs';

/** What the work costs at least: the same requests, tables and rows, without a framework. Begins with a copy of Usher's database. */
export async function open({ databases, profile }) {
  const address = await databases.make('limit', 'usher');
  await withClient(address, (client) => client.query('UPDATE platform SET limits = limits || $1', [HIGH_LIMITS]));
  const start = async (database = address) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const file = new URL('../limit/server.mjs', import.meta.url).pathname;
    const server = await startServer(file, {
      settings: { DATABASE_URL: database, PORT: port },
      url,
      ready: '/healthz',
      flags: flagsOf({ profile, withoutHashing: true }),
    });
    return { url, facts: {}, ...server };
  };
  return {
    database: 'limit',
    address,
    start,
    settle: () => withClient(address, settle),
    close: async () => undefined,
  };
}
