import { parseArgs } from 'node:util';
import { SIZES } from './world.mjs';

export const CONTESTANTS = ['usher', 'limit', 'better-auth'];
export const SCENARIOS = [
  'create',
  'createSeats',
  'createProject',
  'upsert',
  'bulk',
  'accept',
  'acceptNew',
  'list',
  'get',
  'members',
  'memberships',
];
export const GROWTH = ['Small', 'Large', 'Huge'];
const EXTRAS = ['statements', 'growth', 'start', 'size'];

const USAGE = `npm run bench -- [options]
  --quick                  small tables, 2 seconds a scenario, one round: tries the benchmark, measures little
  --contestants usher,…    of ${CONTESTANTS.join(', ')}; limit needs usher
  --scenarios create,…     of ${SCENARIOS.join(', ')},
                           ${EXTRAS.join(', ')}
  --seconds 10             how long each scenario is measured in each round
  --rounds 3               how often, the order of the contestants turned around each time
  --connections 16         requests in progress at the same time
  --before folder          another checkout of Usher, built, is measured beside this one as "before"
  --profile folder         each server writes a CPU profile there when it ends
  --report file.md         where to write the report; docs/benchmarks.md for a run of everything, else nowhere
BENCH_DATABASE_URL         a PostgreSQL whose user may create databases; postgres://postgres@127.0.0.1:5432/postgres

To profile one scenario: npm run bench -- --contestants usher --scenarios create --profile /tmp/profiles`;

const text = { type: 'string' };
const OPTIONS = {
  quick: { type: 'boolean', default: false },
  contestants: text,
  scenarios: text,
  seconds: text,
  rounds: text,
  connections: text,
  before: text,
  profile: text,
  report: text,
  help: { type: 'boolean' },
};

/** What was asked for on the command line. */
export function readOptions() {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const { quick, before, profile } = values;
  const isWhole = !quick && !values.contestants && !values.scenarios && !before && !profile;
  const contestants = chosen('--contestants', values.contestants, CONTESTANTS);
  return {
    quick,
    databaseUrl: process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    sizes: quick ? SIZES.quick : SIZES.full,
    seconds: Number(values.seconds ?? (quick ? 2 : 10)),
    rounds: Number(values.rounds ?? (quick ? 1 : 3)),
    connections: Number(values.connections ?? 16),
    contestants: before ? [...contestants, 'before'] : contestants,
    scenarios: chosen('--scenarios', values.scenarios, [...SCENARIOS, ...EXTRAS], quick ? ['size'] : []),
    before,
    profile,
    report: values.report ?? (isWhole ? new URL('../docs/benchmarks.md', import.meta.url).pathname : null),
  };
}

function chosen(option, list, all, unlessAsked = []) {
  if (!list) return all.filter((name) => !unlessAsked.includes(name));
  const names = list.split(',');
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length === 0) return names;
  console.error(`${option} does not know ${unknown.join(', ')}. Use some of: ${all.join(', ')}`);
  process.exit(1);
}
