// Breaks what is around Usher, and writes what came of it to docs/reliability.md (unless --keep-figures is given).
// Needs Debian's binaries of PostgreSQL, and runs a server of its own with them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { binaries } from '../test/faults/support/own-postgres.mjs';

const TEMPLATE = 'test/faults/reliability.template.md';
const PAGE = 'docs/reliability.md';
const AT_MOST = 600_000;

if (!binaries()) {
  console.log(
    'Faults are not tried: there is no PostgreSQL in /usr/lib/postgresql. `apt-get install postgresql` brings it.',
  );
  process.exit(0);
}
const keepsFigures = process.argv.includes('--keep-figures');
const file = join(mkdtempSync(join(tmpdir(), 'usher-figures-')), 'figures');
const forJest = process.argv.slice(2).filter((argument) => argument !== '--keep-figures');
const began = performance.now();
const { status, error } = spawnSync('npx', ['jest', '--config', 'jest.faults.config.js', ...forJest], {
  stdio: 'inherit',
  env: { ...process.env, FAULTS_FIGURES: file },
  timeout: AT_MOST,
});
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(`Faults took ${seconds} s`);
if (error) console.error(error.message);
if (status === 0 && !keepsFigures && forJest.length === 0) write();
process.exit(status ?? 1);

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
