// A PostgreSQL server of our own, that may be stopped and started: Debian's binaries, a temporary folder, a free port.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSIONS = '/usr/lib/postgresql';

/** Null when they are not installed. */
export function binaries() {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  return found ?? null;
}

export class OwnPostgres {
  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
  }

  static create(port) {
    const folder = mkdtempSync(join(tmpdir(), 'usher-faults-'));
    if (isRoot()) chownSync(folder, ...postgresIds());
    chmodSync(folder, 0o700);
    const server = new OwnPostgres(folder, port);
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

  start() {
    const options = `-p ${this.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${this.folder} -c max_connections=60`;
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
    const command = [join(binaries(), program), ...args];
    const [file, ...rest] = isRoot() ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    execFileSync(file, rest, { cwd: tmpdir(), stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

const isRoot = () => process.getuid?.() === 0;

const postgresIds = () =>
  ['-u', '-g'].map((what) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }).trim()));
