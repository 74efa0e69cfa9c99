// A PostgreSQL server of our own, that may be stopped and started: Debian's binaries, a temporary folder, a free port.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresql } from './packages.mjs';

export class OwnPostgres {
  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
  }

  static create(port) {
    const server = new OwnPostgres(ownFolder(), port);
    server.run('initdb', [
      '--no-sync',
      '--auth=trust',
      '--username=postgres',
      '--encoding=UTF8',
      '--pgdata',
      server.data,
    ]);
    return server;
  }

  get url() {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  get data() {
    return join(this.folder, 'data');
  }

  /** Another server with the same content; this one must be stopped. */
  copy(port) {
    const copy = new OwnPostgres(ownFolder(), port);
    copy.run('cp', ['--recursive', this.data, copy.data]);
    return copy;
  }

  /** A hot standby, not started. */
  standby(port) {
    const standby = new OwnPostgres(ownFolder(), port);
    const from = ['--dbname', this.url, '--checkpoint', 'fast', '--write-recovery-conf', '--no-sync'];
    standby.run('pg_basebackup', [...from, '--pgdata', standby.data]);
    return standby;
  }

  promote() {
    this.run('pg_ctl', ['--wait', '--pgdata', this.data, 'promote']);
  }

  /** `settings` hold until it is stopped. */
  start(settings = {}) {
    const given = Object.entries(settings).map(([name, value]) => ` -c ${name}='${value}'`);
    const options = `-p ${this.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${this.folder} -c max_connections=60${given.join('')}`;
    this.run('pg_ctl', [
      '--wait',
      '--pgdata',
      this.data,
      '--log',
      join(this.folder, 'log'),
      '--options',
      options,
      'start',
    ]);
  }

  /** `fast` ends all sessions, `immediate` is a crash. */
  stop(mode) {
    this.run('pg_ctl', ['--wait', '--pgdata', this.data, '--mode', mode, 'stop']);
  }

  remove() {
    this.stop('immediate');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** PostgreSQL refuses to run as root. */
  run(program, args) {
    const command = [program === 'cp' ? program : join(postgresql(), program), ...args];
    const [file, ...rest] = isRoot() ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    execFileSync(file, rest, { cwd: tmpdir(), stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

const isRoot = () => process.getuid?.() === 0;

function ownFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'usher-faults-'));
  if (isRoot()) chownSync(folder, ...postgresIds());
  chmodSync(folder, 0o700);
  return folder;
}

/** Those whom programs run as that refuse to be root. */
export const unprivileged = () => {
  if (!isRoot()) return {};
  const [uid, gid] = postgresIds();
  return { uid, gid };
};

const postgresIds = () =>
  ['-u', '-g'].map((what) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }).trim()));
