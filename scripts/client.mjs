// Generates clients/typescript/src from docs/openapi.json. With --check it writes nothing and fails when the client is stale.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';

const FOLDER = 'clients/typescript/src';
const isCheck = process.argv.includes('--check');
const folder = isCheck ? mkdtempSync(join(tmpdir(), 'usher-client-')) : FOLDER;

await createClient({
  input: JSON.parse(readFileSync('docs/openapi.json', 'utf8')),
  output: { path: folder, clean: true, module: { extension: '.js' } },
  plugins: [{ name: '@hey-api/client-fetch', includeInEntry: true }, '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'silent' },
});

const contentsOf = (root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [file.slice(root.length), readFileSync(file, 'utf8')])
    .sort();

if (isCheck) {
  const isSame = JSON.stringify(contentsOf(folder)) === JSON.stringify(contentsOf(FOLDER));
  rmSync(folder, { recursive: true });
  console.log(isSame ? `${FOLDER} is of docs/openapi.json.` : `${FOLDER} is stale. Run: npm run client`);
  process.exit(isSame ? 0 : 1);
}
console.log(`Written: ${FOLDER}`);
