import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import * as prettier from 'prettier';
import * as tables from './tables.mjs';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const TEMPLATE = new URL('benchmarks.template.md', import.meta.url);

/** What came out, for the terminal. */
export function print(results) {
  for (const [name, table] of Object.entries(tables)) {
    const text = table(results);
    if (text) console.log(`\n${name}\n\n${text}`);
  }
}

/** The template with the tables of this run in it. */
export async function writeReport(options, results) {
  const facts = { ...factsOf(options, results), ...tablesOf(results) };
  const text = readFileSync(TEMPLATE, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name) => facts[name] ?? '(not measured)');
  const settings = (await prettier.resolveConfig(options.report)) ?? {};
  writeFileSync(options.report, await prettier.format(text, { ...settings, parser: 'markdown' }));
  console.log(`\nWritten to ${options.report}`);
}

const tablesOf = (results) => Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table(results)]));

function factsOf({ sizes, seconds, rounds, connections, quick }, { postgres }) {
  const [{ model }] = cpus();
  const many = (number) => number.toLocaleString('en-GB');
  return {
    when: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
    node: process.version,
    betterAuth: dependencies['better-auth'],
    postgres,
    warning: quick ? '> A quick run on small tables: these figures only show that the benchmark works.' : '',
    seconds,
    rounds,
    connections,
    ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, many(size)])),
  };
}
