// All checks, the same at home and before a change lands. Ends with the number of tests that passed and failed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

let hasFailed = false;

const judge = (command, status) => {
  if (status === 0) return;
  hasFailed = true;
  console.error(`Failed: ${command}`);
};

const run = (command) => {
  console.log(`\n$ ${command}`);
  judge(command, spawnSync(command, { shell: true, stdio: 'inherit' }).status);
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

const lint = runBeside('npm run lint');
for (const check of ['format', 'types', 'boundaries', 'openapi:lint', 'client:types'])
  await runBeside(`npm run ${check}`);
await lint;
run('npm run migration:generate');
run('npm run openapi:check');
if (hasFailed) console.error('\nChecks before the tests have failed.');
// Last, as it ends with the counts. The build is there by now.
const { status } = spawnSync('node scripts/test-all.mjs', { shell: true, stdio: 'inherit' });
process.exit(hasFailed || status !== 0 ? 1 : 0);
