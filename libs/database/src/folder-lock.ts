import { createHash } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LONGEST_SOCKET_PATH = 100;

/**
 * Keeps a second process out of the folder: the embedded database would lose data without a word.
 * A listening socket says who lives, which a file with a process number cannot (numbers return, and differ between containers).
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const address = socketAddress(folder);
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const server = await listen(address);
    if (server) return () => new Promise((resolve) => server.close(() => resolve()));
    await refuseIfAlive(folder, address);
    removeLeftover(address);
  }
  throw new Error(
    `The folder ${folder} is being opened by another process. Start again, or set DATA_DIR to another folder.`,
  );
}

function socketAddress(folder: string): string {
  const name = `usher-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = join(folder, 'lock');
  return inside.length <= LONGEST_SOCKET_PATH ? inside : join(tmpdir(), name);
}

/** Answers null when the address is taken, by a living process or by the leftover of a killed one. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((visitor) => visitor.end(String(process.pid)));
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server.unref()));
  });
}

async function refuseIfAlive(folder: string, address: string): Promise<void> {
  const owner = await askOwner(address);
  if (owner === null) return;
  throw new Error(
    `The embedded database in ${folder} is in use by process ${owner}. ` +
      'Stop that process, set DATA_DIR to another folder, or set DATABASE_URL to share a PostgreSQL server.',
  );
}

/** The process number of who listens there; null when nobody does. */
function askOwner(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address, () => undefined);
    socket.on('data', (data) => (answer += data.toString()));
    socket.once('error', () => resolve(null));
    socket.once('end', () => resolve(answer));
  });
}

/** Moved away before it is removed, so that of two starting processes only one finds it. */
function removeLeftover(address: string): void {
  if (process.platform === 'win32') return;
  const aside = `${address}.${process.pid}`;
  try {
    renameSync(address, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // as: Node's file errors carry a code
  }
}
