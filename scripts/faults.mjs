// Breaks what is around Usher, and writes what came of it to docs/reliability.md (unless --keep-figures is given).
// Needs Debian's PostgreSQL, PgBouncer and faketime, and runs servers of its own with them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PACKAGES } from '../test/faults/support/packages.mjs';

const TEMPLATE = 'test/faults/reliability.template.md';
const PAGE = 'docs/reliability.md';

const missing = Object.keys(PACKAGES).filter((name) => !PACKAGES[name]());
if (missing.length > 0) {
  console.error(`Faults cannot be tried: apt-get install ${missing.join(' ')}`);
  process.exit(1);
}
const keepsFigures = process.argv.includes('--keep-figures');
const forJest = process.argv.slice(2).filter((argument) => argument !== '--keep-figures');
const folder = mkdtempSync(join(tmpdir(), 'usher-faults-'));
const file = join(folder, 'figures');
const began = performance.now();
const status = runJest();
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(`Faults took ${seconds} s`);
if (status === 0 && !keepsFigures && forJest.length === 0) write();
rmSync(folder, { recursive: true, force: true });
process.exit(status);

function runJest() {
  const jest = ['node_modules/jest/bin/jest.js', '--config', 'jest.faults.config.js', ...forJest];
  const env = { ...process.env, FAULTS_FIGURES: file };
  return spawnSync(process.execPath, jest, { stdio: 'inherit', env }).status ?? 1;
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
