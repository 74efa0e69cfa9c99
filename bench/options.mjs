import { parseArgs } from 'node:util';
import { SIZES } from './world.mjs';

export const CONTESTANTS = ['usher', 'reference', 'better-auth'];
export const SCENARIOS = ['create', 'list', 'get', 'accept', 'members', 'memberships', 'bulk'];
export const GROWTH = ['Small', 'Large', 'Huge'];

const USAGE = `npm run bench -- [options]
  --quick              small tables, 2 seconds a scenario, one round: tries the benchmark, measures little
  --seconds 10         how long each scenario is measured in each round
  --rounds 3           how often, the order of the contestants turned around each time
  --connections 16     requests under way at once
  --only usher,…       of ${CONTESTANTS.join(', ')}; reference needs usher
  --scenarios create,… of ${SCENARIOS.join(', ')}, statements, growth, start, size
  --report file.md     where to write the report; docs/benchmarks.md without --quick, else nowhere
BENCH_DATABASE_URL     a PostgreSQL whose user may create databases; postgres://postgres@127.0.0.1:5432/postgres`;

/** What was asked for on the command line. */
export function readOptions() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      seconds: text,
      rounds: text,
      connections: text,
      only: text,
      scenarios: text,
      report: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const { quick } = values;
  return {
    quick,
    databaseUrl: process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    sizes: quick ? SIZES.quick : SIZES.full,
    seconds: Number(values.seconds ?? (quick ? 2 : 10)),
    rounds: Number(values.rounds ?? (quick ? 1 : 3)),
    connections: Number(values.connections ?? 16),
    contestants: chosen(values.only, CONTESTANTS),
    scenarios: chosen(values.scenarios, [...SCENARIOS, 'statements', 'growth', 'start', ...(quick ? [] : ['size'])]),
    report: values.report ?? (quick ? null : new URL('../docs/benchmarks.md', import.meta.url).pathname),
  };
}

const chosen = (list, all) => (list ? list.split(',') : all);
