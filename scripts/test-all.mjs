// Every test there is: on PostgreSQL at full length, what differs there on the embedded database, and the faults of
// docs/reliability.md. Ends with the number of tests that passed and failed.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

/** What speaks SQL of its own, starts, stops or waits; `TEST_DATABASE=embedded npm test` runs all but the long ones there. */
const ON_EMBEDDED = [
  ...['acceptance', 'accepting', 'bulk-statements', 'http', 'idempotency', 'inviting'],
  ...['invitations', 'kill', 'mail', 'mail-turns', 'reminders', 'restore', 'retention'],
];
const embeddedPaths = `test/(${ON_EMBEDDED.join('|')})\\.[a-z0-9]+-spec\\.ts$`;
const RUNS = {
  postgres: 'npx jest',
  embedded: `npx jest --selectProjects e2e long --testPathPatterns '${embeddedPaths}'`,
  faults: 'node scripts/faults.mjs --keep-figures',
};

const counts = Object.entries(RUNS).map(([name, command]) => {
  const report = `.test-report-${name}.json`;
  rmSync(report, { force: true });
  const whole = `${command} --ci --json --outputFile=${report}`;
  console.log(`\n$ ${whole}`);
  const began = performance.now();
  const database = name === 'embedded' ? name : 'postgres';
  const environment = { ...process.env, TEST_ALL: '1', TEST_DATABASE: database };
  const { status } = spawnSync(whole, { shell: true, stdio: 'inherit', env: environment });
  console.log(`${name}: ${Math.round((performance.now() - began) / 1_000)} s`);
  return { ...count(report), isGood: status === 0 };
});

function count(report) {
  try {
    const { numPassedTests: passed, numFailedTests: failed, numFailedTestSuites } = JSON.parse(readFileSync(report));
    return { passed, failed, hasRun: passed > 0 && numFailedTestSuites === 0 };
  } catch {
    return { passed: 0, failed: 0, hasRun: false };
  }
}

const sum = (key) => counts.reduce((total, each) => total + each[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(counts.every(({ isGood, hasRun }) => isGood && hasRun) ? 0 : 1);
