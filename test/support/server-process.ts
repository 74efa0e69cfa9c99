import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from './client.js';
import { eventually } from './eventually.js';
import { testLog } from './test-log.js';

const ENTRY = join(process.cwd(), 'dist/apps/api/src/main.js');
const END_WITH_PARENT = pathToFileURL(join(process.cwd(), 'test/support/end-with-parent.mjs')).href;

/** The built server in a process of its own, so that it can be killed. Its standard input is held by the test, and ends with it. */
export class ServerProcess {
  /** What it has printed. */
  output = '';
  readonly api: Client;
  /** Resolves with its exit code when it ends; null when it was killed. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  /** The server without `/api/v1`. */
  readonly root: Client;
  isAlive = true;

  /** `environment` is all that the server sees of ours. */
  constructor(environment: Record<string, string>) {
    const url = `http://127.0.0.1:${environment.PORT}`;
    this.root = new Client(url);
    this.api = new Client(`${url}/api/v1`);
    this.child = spawn(process.execPath, ['--import', END_WITH_PARENT, ENTRY], { env: environment, cwd: tmpdir() });
    this.child.stdout?.on('data', (text) => (this.output += String(text)));
    this.child.stderr?.on('data', (text) => (this.output += String(text)));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    void this.ended.then(() => (this.isAlive = false));
  }

  /** Throws what it printed when it ends instead. */
  async untilUp(): Promise<this> {
    await eventually(async () => this.isAlive && (await this.root.get('/healthz')));
    if (!this.isAlive) throw new Error(`The server did not come up:\n${this.output}`);
    return this;
  }

  get pid(): number {
    return Number(this.child.pid);
  }

  /** Without a warning, as the kernel does when memory is short. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    testLog.expectNoSecret(this.output.split('\n'));
  }

  /** As who runs it does; answers its exit code. */
  stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (!address || typeof address === 'string') throw new Error('A TCP server has a port');
  return String(address.port);
}
