import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('..', import.meta.url).pathname;

/** MiB of a production install, and of the build beside it. */
export function installSize() {
  const folder = mkdtempSync(join(tmpdir(), 'usher-install-'));
  try {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      if (existsSync(join(ROOT, name))) copyFileSync(join(ROOT, name), join(folder, name));
    }
    execFileSync('npm', ['ci', '--omit=dev', '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
    return { dependencies: mebibytes(join(folder, 'node_modules')), build: mebibytes(join(ROOT, 'dist')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mebibytes = (folder) => Number(execFileSync('du', ['-sk', folder]).toString().split('\t')[0]) / 1024;
