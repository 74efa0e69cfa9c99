// Breaks what is around Usher, and writes what came of it to docs/reliability.md (unless --keep-figures is given).
// Needs Debian's PostgreSQL, PgBouncer and faketime, and runs servers of its own with them.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PACKAGES } from '../test/faults/support/packages.mjs';

const TEMPLATE = 'test/faults/reliability.template.md';
const PAGE = 'docs/reliability.md';
const AT_MOST = 600_000;

const missing = Object.keys(PACKAGES).filter((name) => !PACKAGES[name]());
if (missing.length > 0) {
  console.error(`Faults cannot be tried: apt-get install ${missing.join(' ')}`);
  process.exit(1);
}
const keepsFigures = process.argv.includes('--keep-figures');
const forJest = process.argv.slice(2).filter((argument) => argument !== '--keep-figures');
const folder = mkdtempSync(join(tmpdir(), 'usher-faults-'));
chmodSync(folder, 0o755); // PostgreSQL runs as somebody else
const file = join(folder, 'figures');
const began = performance.now();
const status = await runJest();
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(`Faults took ${seconds} s`);
if (status === 0 && !keepsFigures && forJest.length === 0) write();
endServers();
rmSync(folder, { recursive: true, force: true });
process.exit(status);

/** With all that it starts in one group, so that nothing outlives it. */
async function runJest() {
  const jest = spawn(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--config', 'jest.faults.config.js', ...forJest],
    {
      stdio: 'inherit',
      detached: true,
      env: { ...process.env, TMPDIR: folder, FAULTS_FIGURES: file },
    },
  );
  const end = () => process.kill(-jest.pid, 'SIGKILL');
  const timer = setTimeout(() => {
    console.error(`Faults took longer than ${AT_MOST / 1_000} s, and were ended`);
    end();
  }, AT_MOST);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
  const [code] = await once(jest, 'exit');
  clearTimeout(timer);
  return code ?? 1;
}

/** Those of a run that could not end them itself: PostgreSQL leaves the group it was started in. */
function endServers() {
  const files = readdirSync(folder).map((name) => join(folder, name, 'data', 'postmaster.pid'));
  for (const pid of files.filter((each) => existsSync(each)).map((each) => parseInt(readFileSync(each, 'utf8'))))
    process.kill(pid, 'SIGQUIT');
}

function write() {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const rows = lines.map((line) => JSON.parse(line)).map(({ fault, figures }) => `| ${fault} | ${inWords(figures)} |`);
  const page = readFileSync(TEMPLATE, 'utf8')
    .replace('{{rows}}', rows.join('\n'))
    .replace('{{machine}}', `${availableParallelism()} cores, Node ${process.versions.node}, ${seconds} s in all`);
  writeFileSync(PAGE, page);
  spawnSync('npx', ['prettier', '--write', PAGE], { stdio: 'ignore' });
}

function inWords(figures) {
  return Object.entries(figures)
    .map(
      ([name, figure]) =>
        `${name.replace(/([a-z])([A-Z0-9])/g, '$1 $2').toLowerCase()} **${figure.toLocaleString('en')}**`,
    )
    .join(', ');
}
