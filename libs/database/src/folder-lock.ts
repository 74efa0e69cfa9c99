import { createHash, randomUUID } from 'node:crypto';
import { linkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LONGEST_SOCKET_PATH = 100;
/** Long enough for another starting process to have mistaken our socket for a leftover. */
const SETTLING = 100;

/**
 * Keeps a second process out of the folder: the embedded database would lose data without a word.
 * A listening socket says who lives, which a file with a process number cannot (numbers return, and differ between containers).
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const address = socketAddress(realpathSync(folder));
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const lock = await listen(address);
    if (lock) return holding(lock, folder, address);
    await refuseIfAlive(folder, address);
    await removeLeftover(folder, address);
  }
  throw beingOpened(folder);
}

interface Lock {
  server: Server;
  /** What our socket answers, and nobody else's. */
  name: string;
}

function socketAddress(folder: string): string {
  const name = `usher-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = join(folder, 'lock');
  return inside.length <= LONGEST_SOCKET_PATH ? inside : join(tmpdir(), name);
}

/** Answers null when the address is taken, by a living process or by the leftover of a killed one. */
function listen(address: string): Promise<Lock | null> {
  const name = `${process.pid} ${randomUUID()}`;
  return new Promise((resolve, reject) => {
    const server = createServer((visitor) => visitor.end(name));
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve({ server: server.unref(), name }));
  });
}

/** Another starting process may have moved our socket away as a leftover: whoever answers at the address now is the owner. */
async function holding({ server, name }: Lock, folder: string, address: string): Promise<() => Promise<void>> {
  await delay(SETTLING);
  const unlock = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  if ((await askOwner(address)) === name) return unlock;
  throw beingOpened(folder);
}

async function refuseIfAlive(folder: string, address: string): Promise<void> {
  const owner = await askOwner(address);
  if (owner === null) return;
  throw new Error(
    `The embedded database in ${folder} is in use by process ${owner.split(' ')[0]}. ` +
      'Stop that process, set DATA_DIR to another folder, or set DATABASE_URL to share a PostgreSQL server.',
  );
}

/** What the socket there answers; null when nobody listens. */
function askOwner(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address, () => undefined);
    socket.on('data', (data) => (answer += data.toString()));
    socket.once('error', () => resolve(null));
    socket.once('end', () => resolve(answer));
  });
}

/** Moved away and asked once more before it is removed: meanwhile it may have become the socket of a living process. */
async function removeLeftover(folder: string, address: string): Promise<void> {
  if (process.platform === 'win32') return;
  const aside = `${address}.${randomUUID().slice(0, 8)}`;
  if (!isDone(() => renameSync(address, aside), 'ENOENT')) return;
  const isAlive = (await askOwner(aside)) !== null;
  if (isAlive) isDone(() => linkSync(aside, address), 'EEXIST');
  rmSync(aside, { force: true });
  if (isAlive) throw beingOpened(folder);
}

/** False when it failed in the way that another process's being faster explains. */
function isDone(change: () => void, expected: string): boolean {
  try {
    change();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return false; // as: Node's file errors carry a code
    throw error;
  }
}

const beingOpened = (folder: string): Error =>
  new Error(`The folder ${folder} is being opened by another process. Start again, or set DATA_DIR to another folder.`);
