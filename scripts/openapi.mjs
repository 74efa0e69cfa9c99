// Writes docs/openapi.json from the built app, with an embedded database in memory. With --check it writes nothing and fails when the file is stale.
import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'docs/openapi.json';
const SERVER = 'http://localhost:3000';

const { loadConfiguration } = await import('../dist/libs/config/src/index.js');
const { createApp } = await import('../dist/apps/api/src/app.setup.js');
const { describeApi } = await import('../dist/apps/api/src/openapi/document.js');

const app = await createApp(loadConfiguration({ DATA_DIR: 'memory://', LOG_LEVEL: 'error' }));
const text = `${JSON.stringify(describeApi(app, SERVER), null, 2)}\n`;
await app.close();

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
  console.log(`Written: ${FILE}`);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} does not say what the app does. Run: npm run openapi && npm run client`);
  process.exit(1);
} else {
  console.log(`${FILE} says what the app does.`);
}
process.exit(0);
