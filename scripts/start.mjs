// Builds when there is no build, or when the sources are newer, and starts it. `npm run start:prod` starts without looking.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ENTRY = 'dist/apps/api/src/main.js';

const newest = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)).mtimeMs)
    .reduce((a, b) => Math.max(a, b), 0);

const isBuilt = existsSync(ENTRY) && statSync(ENTRY).mtimeMs > Math.max(newest('apps'), newest('libs'));
if (!isBuilt) {
  console.log('Building Usher …');
  execFileSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { stdio: 'inherit' });
}
await import(`../${ENTRY}`);
