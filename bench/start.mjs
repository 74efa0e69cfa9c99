// Installs what only the benchmark needs, then runs it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const here = import.meta.dirname;
if (!existsSync(`${here}/node_modules/undici`)) execFileSync('npm', ['ci', '--prefix', here], { stdio: 'inherit' });
await import('./run.mjs');
