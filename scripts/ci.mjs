// All checks, the same at home and before a change lands. Ends with the number of tests that passed and failed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';

const REPORTS = { postgres: '.test-report-postgres.json', embedded: '.test-report-embedded.json' };
const FAULTS = '.test-report-faults.json';
const ALL_REPORTS = [...Object.values(REPORTS), FAULTS];
/** On the embedded database is tested what speaks SQL of its own, starts, stops or waits; `npm test` runs all on whichever is chosen. */
const ON_EMBEDDED = [
  ...['acceptance', 'accepting', 'bulk-statements', 'http', 'idempotency', 'inviting'],
  ...['invitations', 'kill', 'mail', 'mail-turns', 'reminders', 'restore', 'retention'],
];
/** Of the model of an invitation's life; `npm test` walks four times as far. */
const STEPS = '2500';
/** The tests of faults kill processes on PostgreSQL, too, and more of them. */
const ON_POSTGRES = '(?!kill)[^/]*';
let hasFailed = false;

const judge = (command, status) => {
  if (status === 0) return;
  hasFailed = true;
  console.error(`Failed: ${command}`);
};

const run = (command, environment = {}) => {
  console.log(`\n$ ${command}`);
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit', env: { ...process.env, ...environment } });
  judge(command, status);
};

/** Beside others that neither read nor write what it does; says all at its end. */
const runBeside = async (command) => {
  const child = spawn(`${command} 2>&1`, { shell: true });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  const [status] = await once(child, 'close');
  console.log(`\n$ ${command}\n${said}`);
  judge(command, status);
};

const count = (file) => {
  try {
    const { numPassedTests, numFailedTests, numTotalTests, numFailedTestSuites } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    if (numTotalTests === 0 || numPassedTests === 0 || numFailedTestSuites > 0) hasFailed = true;
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    hasFailed = true;
    return { passed: 0, failed: 0 };
  }
};

for (const report of ALL_REPORTS) rmSync(report, { force: true });
const lint = runBeside('npm run lint');
for (const check of ['format', 'types', 'boundaries', 'openapi:lint', 'client:types'])
  await runBeside(`npm run ${check}`);
await lint;
run('npm run migration:generate');
run('npm run openapi:check');

const test = (command, database, suites) => {
  const paths = `(test/(${suites})\\.e2e-spec|/src/.*\\.spec)\\.ts$`;
  const report = `--ci --json --outputFile=${REPORTS[database]}`;
  run(`${command} ${report} --testPathPatterns '${paths}'`, { TEST_DATABASE: database, LIFE_CYCLE_STEPS: STEPS });
};
test('npm test --', 'postgres', ON_POSTGRES);
// The build is there by now.
test('npx jest --selectProjects e2e', 'embedded', ON_EMBEDDED.join('|'));

run(`node scripts/faults.mjs --keep-figures --ci --json --outputFile=${FAULTS}`);

const counts = ALL_REPORTS.map(count);
const sum = (key) => counts.reduce((total, each) => total + each[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(hasFailed ? 1 : 0);
