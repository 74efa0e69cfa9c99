// Compares the entities with a database that has all migrations, and prints the SQL that is missing.
// Uses DATABASE_URL, or an embedded database in memory. Writes apps/api/src/migrations/<time>-<name>.ts when a name is given.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';

execFileSync('npx', ['nest', 'build'], { stdio: 'inherit' });
process.env.DATA_DIR = 'memory://';
const { default: dataSource } = await import('../dist/apps/api/src/data-source.js');
await dataSource.initialize();
await dataSource.runMigrations();
const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
await dataSource.destroy();

if (upQueries.length === 0) {
  console.log('No drift: the migrations make exactly what the entities say.');
  process.exit(0);
}
const name = process.argv[2];
if (!name) {
  console.error(`Drift. Give a name to write a migration: npm run migration:generate -- add-something\n`);
  console.error(upQueries.map(({ query }) => query).join('\n'));
  process.exit(1);
}
const time = Date.now();
const className = name.replace(/(^|-)(\w)/g, (_match, _dash, letter) => letter.toUpperCase()) + time;
const run = (queries) =>
  queries.map(({ query }) => `await queryRunner.query(\`${query.replaceAll('`', '\\`')}\`);`).join('\n');
const source = `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  readonly name = '${className}';

  async up(queryRunner: QueryRunner): Promise<void> {
    ${run(upQueries)}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    ${run(downQueries.toReversed())}
  }
}
`;
const file = `apps/api/src/migrations/${time}-${name}.ts`;
writeFileSync(file, await format(source, { parser: 'typescript', singleQuote: true, printWidth: 120 }));
console.log(`Written: ${file}. Read it, and add it to apps/api/src/migrations/index.ts.`);
