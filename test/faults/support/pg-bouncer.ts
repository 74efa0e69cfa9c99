import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unprivileged } from './own-postgres.mjs';
import { pgbouncer } from './packages.mjs';

/** Between Usher and PostgreSQL, in transaction mode, with fewer connections than its clients have. Before 1.21 it knows no prepared statements. */
export class PgBouncer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'usher-pgbouncer-'));
  private child: ChildProcess;

  constructor(
    readonly port: number,
    databasePort: number,
  ) {
    chmodSync(this.folder, 0o755);
    const settings = {
      listen_addr: '127.0.0.1',
      listen_port: port,
      unix_socket_dir: '',
      auth_type: 'any',
      pool_mode: 'transaction',
      default_pool_size: 4,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    const databases = `[databases]\n* = host=127.0.0.1 port=${databasePort} user=postgres\n`;
    writeFileSync(this.file, `${databases}[pgbouncer]\n${lines.join('\n')}\n`);
  }

  start(): void {
    this.child = spawn(String(pgbouncer()), ['--quiet', this.file], { stdio: 'ignore', ...unprivileged() });
  }

  /** At once, as when it is killed. */
  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  private get file(): string {
    return join(this.folder, 'pgbouncer.ini');
  }
}
