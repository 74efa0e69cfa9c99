import { ADMIN } from './app.js';
import { Client } from './client.js';
import { createDatabase } from './database.js';
import { freePort, ServerProcess } from './server-process.js';

/** A whole server as `npm run build` made it: only there the compiler has read the comments that describe the API. */
export interface BuiltServer {
  url: string;
  pid: number | undefined;
  api: Client;
  /** The server without `/api/v1`. */
  root: Client;
  stop(): Promise<void>;
}

export async function startBuiltServer(): Promise<BuiltServer> {
  const database = await createDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await new ServerProcess({
    NODE_ENV: 'test',
    PORT: port,
    PUBLIC_URL: url,
    APP_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    ...database.environment,
  }).untilUp();
  const stop = async (): Promise<void> => {
    await server.kill();
    await database.drop();
  };
  return { url, pid: server.pid, api: server.api, root: new Client(url), stop };
}
