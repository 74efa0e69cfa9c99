// All checks, the same at home and before a change lands. Ends with the number of tests that passed and failed.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

const REPORTS = { postgres: '.test-report-postgres.json', embedded: '.test-report-embedded.json' };
const FAULTS = '.test-report-faults.json';
const ALL_REPORTS = [...Object.values(REPORTS), FAULTS];
/** The same whatever the database is: mails, pages, descriptions, wire formats. On the embedded one is tested what speaks SQL of its own; `npm test` runs all. */
const SAME_EVERYWHERE = [
  ...['mail-html', 'hostile-names', 'page-languages', 'join-page', 'opt-out-page', 'pages', 'swagger', 'openapi'],
  ...['docs', 'deploy', 'smtp-answers', 'mail-outage', 'ceiling', 'policy', 'log', 'metrics', 'tracing', 'security'],
  ...['activepieces', 'gorules', 'deepset', 'wiremock', 'abuse', 'bad-input', 'replay', 'rotation'],
  ...['mail-stop', 'mail-events', 'organisation-face', 'audit-coverage', 'bulk-twins', 'api-keys', 'users'],
];
let hasFailed = false;

const run = (command, environment = {}) => {
  console.log(`\n$ ${command}`);
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit', env: { ...process.env, ...environment } });
  if (status !== 0) {
    hasFailed = true;
    console.error(`Failed: ${command}`);
  }
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
run('npm run format');
run('npm run lint');
run('npm run types');
run('npm run boundaries');
run('npm run migration:generate');
run('npm run openapi:check');
run('npm run openapi:lint');
run('npm run client:types');
/** The tests of faults kill processes on PostgreSQL, too, and more of them. */
const ELSEWHERE = { postgres: ['kill'], embedded: SAME_EVERYWHERE };
for (const [database, report] of Object.entries(REPORTS)) {
  const but = `--testPathIgnorePatterns 'test/(${ELSEWHERE[database].join('|')})\\.'`;
  run(`npm test -- --ci --json --outputFile=${report} ${but}`, { TEST_DATABASE: database });
}

run(`npm run test:faults -- --keep-figures --ci --json --outputFile=${FAULTS}`);

const counts = ALL_REPORTS.map(count);
const sum = (key) => counts.reduce((total, each) => total + each[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(hasFailed ? 1 : 0);
