import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export const ADMIN = { email: 'admin@example.com', password: 'a password for trying things out' };

/** Starts the build on a free port with an embedded database in memory; answers its address and how to stop it. */
export async function startThrowAwayServer(environment = {}) {
  const port = await freePort();
  const address = `http://localhost:${port}`;
  const settings = {
    PORT: port,
    DATA_DIR: 'memory://',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LOG_LEVEL: 'warn',
  };
  const child = spawn(process.execPath, ['dist/apps/api/src/main.js'], {
    env: { PATH: process.env.PATH, ...settings, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await untilItAnswers(address, child);
  const stop = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
  return { address, stop };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilItAnswers(address, child) {
  for (let attempt = 0; attempt < 1_800; attempt += 1) {
    if (child.exitCode !== null) throw new Error('The server ended before it answered');
    const answers = await fetch(`${address}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return;
    await delay(100);
  }
  throw new Error('The server did not answer within three minutes');
}
