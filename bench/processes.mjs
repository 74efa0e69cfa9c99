import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const KIBIBYTES = 1024;
const TICKS_PER_SECOND = 100;

const NO_HASHING = new URL('no-hashing.mjs', import.meta.url).pathname;

/** Of Node, for a server that is measured. */
export const flagsOf = ({ profile, withoutHashing = false }) => [
  ...(withoutHashing ? ['--import', NO_HASHING] : []),
  ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
];

/** Starts `node file` with these settings alone; answers when `GET url + ready` does. */
export async function startServer(file, { settings, url, ready, cwd, flags = [] }) {
  const began = performance.now();
  const child = spawn(process.execPath, [...flags, file], {
    cwd,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await untilItAnswers(url + ready, child);
  return { pid: child.pid, startedIn: performance.now() - began, stop: () => stop(child) };
}

const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null;

export async function stop(child) {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
}

async function untilItAnswers(url, child) {
  for (let attempt = 0; attempt < 6_000; attempt += 1) {
    if (hasEnded(child)) throw new Error(`The server for ${url} ended before it answered`);
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await delay(5);
  }
  throw new Error(`${url} did not answer within 30 seconds`);
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Seconds of CPU that a process has used in all its threads; null where /proc does not say. */
export function cpuOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) => sum + cpuOfThread(`/proc/${pid}/task/${thread}`),
      0,
    );
  } catch {
    return null;
  }
}

/** To the nanosecond where the kernel keeps that, otherwise by its clock's ticks. */
function cpuOfThread(path) {
  if (existsSync(`${path}/schedstat`)) return Number(readFileSync(`${path}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  const fields = readFileSync(`${path}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory in MiB that a process holds; null where /proc does not say. */
export function memoryOf(pid) {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes ? Number(kibibytes) / KIBIBYTES : null;
  } catch {
    return null;
  }
}

/** Whether PostgreSQL's processes can be looked at: its backend of this connection is a process of this machine. */
export async function isLocal(databases) {
  const [{ pid }] = await databases.query('SELECT pg_backend_pid() AS pid');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return false;
  }
}

/** Seconds of CPU by backend, of all that work for a database. */
export async function backendsOf(databases, name) {
  const rows = await databases.query('SELECT pid FROM pg_stat_activity WHERE datname = $1', [databases.nameOf(name)]);
  return new Map(rows.map(({ pid }) => [pid, cpuOf(pid) ?? 0]));
}

/** What was used between two looks; a backend that ended meanwhile is missing. */
export const spent = (before, after) =>
  [...after].reduce((sum, [pid, seconds]) => sum + seconds - (before.get(pid) ?? 0), 0);
