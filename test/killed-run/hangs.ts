import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../support/app.js';
import { startBuiltServer } from '../support/built-server.js';

it('hangs, with all that a test may start', async () => {
  await startApp();
  const { pid } = await startBuiltServer();
  writeFileSync(join(mkdtempSync(join(tmpdir(), 'left-')), 'file'), 'left');
  process.stderr.write(`started ${pid} of ${process.pid}\n`);
  await new Promise(() => undefined);
});
