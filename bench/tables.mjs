// The tables and figures of the report, each made from the results of a run; empty when nothing of it was measured.
import { GROWTH } from './options.mjs';

const TITLES = {
  create: 'create one invitation',
  createSeats: 'create, seats are limited',
  createProject: 'create, to a project',
  upsert: 'send an open one again',
  bulk: 'create 1,000 invitations',
  accept: 'accept, signed in',
  acceptNew: 'accept, without an account',
  list: 'list the first 50 invitations',
  get: 'get one invitation',
  members: 'list 50 members of many',
  memberships: 'list my 100 organisations',
};

/** Requests a second, as a share of the limit's. */
const GOALS = {
  create: 0.4,
  createSeats: 0.35,
  createProject: 0.35,
  upsert: 0.35,
  accept: 0.4,
  acceptNew: 0.35,
  list: 0.6,
  get: 0.6,
  members: 0.6,
  memberships: 0.6,
};
const MOST_GROWTH = 1.3;

const LABELS = { usher: 'Usher', limit: 'the limit', before: 'before' };
const label = (name) => LABELS[name] ?? name;

/** Requests a second, and how many times as many as the others, with the spread between rounds. */
export function throughput({ rounds }) {
  const names = namesIn(rounds);
  const others = names.includes('usher') ? names.filter((name) => name !== 'usher') : [];
  return table(
    ['', ...names.map(label), ...others.map((name) => `Usher ÷ ${label(name)}`)],
    Object.entries(rounds).map(([scenario, measured]) => [
      TITLES[scenario],
      ...names.map((name) => of(measured[name], (runs) => whole(median(runs.map(({ rate }) => rate))))),
      ...others.map((name) => ratio(measured.usher, measured[name], rate)),
    ]),
  );
}

/** How close Usher is to the limit, and what was wanted. */
export function goals({ rounds }) {
  return table(
    ['Usher ÷ the limit', 'goal', 'requests a second', '', 'requests a second of CPU'],
    Object.entries(rounds)
      .filter(([, { usher, limit }]) => usher && limit)
      .map(([scenario, { usher, limit }]) => {
        const goal = GOALS[scenario];
        const reached = median(ratiosOf(usher, limit, rate));
        return [
          TITLES[scenario],
          goal ? `≥ ${goal}` : '–',
          decimal(reached),
          goal ? verdict(reached >= goal) : '–',
          ratio(usher, limit, thrift),
        ];
      }),
  );
}

/** What the same costs in a small and in a huge organisation. */
export function growthGoals({ growth }) {
  const rows = [
    ['create', 'a creation'],
    ['list', 'a page'],
  ].flatMap(([operation, title]) => {
    const { [`${operation}Small`]: small, [`${operation}Huge`]: huge } = growth;
    if (!small?.usher || !huge?.usher) return [];
    const grown = huge.usher.databaseCpu / small.usher.databaseCpu;
    return [[`PostgreSQL's CPU for ${title}`, `≤ ${MOST_GROWTH}`, decimal(grown), verdict(grown <= MOST_GROWTH)]];
  });
  return table(['huge ÷ small', 'goal', 'measured', ''], rows);
}

const verdict = (isReached) => (isReached ? 'reached' : '**not reached**');

/** Milliseconds until half of the answers, and 99 of 100, were there. */
export function latency({ rounds }) {
  const names = namesIn(rounds);
  return table(
    ['p50 / p99, ms', ...names.map(label)],
    Object.entries(rounds).map(([scenario, measured]) => [
      TITLES[scenario],
      ...names.map((name) => of(measured[name], (runs) => `${exact(runs, 'p50')} / ${exact(runs, 'p99')}`)),
    ]),
  );
}

/** Milliseconds of CPU for one request: the server's, and PostgreSQL's. */
export function cpu({ rounds }) {
  const names = namesIn(rounds);
  return table(
    ['server + PostgreSQL, ms of CPU a request', ...names.map(label)],
    Object.entries(rounds).map(([scenario, measured]) => [
      TITLES[scenario],
      ...names.map((name) =>
        of(measured[name], (runs) => `${exact(runs, 'serverCpu')} + ${exact(runs, 'databaseCpu')}`),
      ),
    ]),
  );
}

/** How many cores were busy: what is near 1 in the first place is limited by its one JavaScript thread. */
export function cores({ rounds }) {
  const names = namesIn(rounds);
  const busy = (runs, key) =>
    decimal(median(runs.map((run) => (run[key] === null ? null : (run[key] * run.rate) / 1_000))));
  return table(
    ['server / PostgreSQL / client, cores', ...names.map(label)],
    Object.entries(rounds).map(([scenario, measured]) => [
      TITLES[scenario],
      ...names.map((name) =>
        of(measured[name], (runs) => {
          const client = decimal(median(runs.map(({ clientCpu, elapsed }) => clientCpu / elapsed)));
          return `${busy(runs, 'serverCpu')} / ${busy(runs, 'databaseCpu')} / ${client}`;
        }),
      ),
    ]),
  );
}

/** Milliseconds of PostgreSQL's CPU for one request, as the organisation grows. */
export function growthOfCost({ growth }) {
  if (Object.keys(growth).length === 0) return '';
  const names = Object.keys(Object.values(growth)[0]);
  return table(
    ['PostgreSQL, ms of CPU a request', 'small', 'large', 'huge'],
    ['create', 'list'].flatMap((operation) =>
      names.map((name) => [
        `${operation}, ${label(name)}`,
        ...GROWTH.map((size) => decimal(growth[operation + size][name].databaseCpu)),
      ]),
    ),
  );
}

/** Statements and round trips of one request, and of its mail. */
export function statements({ statements: counts }) {
  const names = Object.keys(counts);
  const scenarios = Object.keys(TITLES).filter((scenario) => names.some((name) => counts[name][scenario]));
  const shown = (count) => (count ? `${count.statements} / ${count.trips}` : '–');
  return table(
    ['statements / round trips', ...names.map(label)],
    scenarios.map((scenario) => [TITLES[scenario], ...names.map((name) => shown(counts[name][scenario]))]),
  );
}

/** Seconds until the first answer, and memory. */
export function footprint({ start, rounds }) {
  const lastMemory = (name) =>
    Object.values(rounds)
      .flatMap((measured) => measured[name] ?? [])
      .at(-1)?.memory ?? null;
  return table(
    ['', 'first answer after, s', 'at rest, MiB', 'after all scenarios, MiB'],
    Object.entries(start).map(([name, { starts, idle }]) => [
      label(name),
      decimal(median(starts) / 1_000),
      whole(idle),
      whole(lastMemory(name)),
    ]),
  );
}

export const size = (results) =>
  results.size &&
  `${whole(results.size.dependencies)} MiB of dependencies and ${decimal(results.size.build)} MiB of build`;

/** Milliseconds that hashing a password would add. */
export const hash = (results) => (results.hash ? `${decimal(results.hash)} ms` : '');

/** How many of the mails left while creating was measured. */
export function mails({ rounds }) {
  const runs = rounds.create?.usher ?? [];
  if (runs.length === 0) return '';
  const sum = (key) => runs.reduce((total, run) => total + run[key], 0);
  return `${whole(100 - (sum('unsent') / sum('count')) * 100)} %`;
}

const namesIn = (rounds) => [...new Set(Object.values(rounds).flatMap((measured) => Object.keys(measured)))];
const of = (runs, shown) => (runs ? shown(runs) : '–');

/** What is better when there is more of it. */
const rate = (run) => run.rate;
/** Requests for a second of CPU, the server's and PostgreSQL's. */
const thrift = ({ serverCpu, databaseCpu }) => 1_000 / (serverCpu + databaseCpu);

const ratiosOf = (ours, theirs, measure) =>
  ours.slice(0, theirs.length).map((run, round) => measure(run) / measure(theirs[round]));

function ratio(ours, theirs, measure) {
  if (!ours || !theirs) return '–';
  const ratios = ratiosOf(ours, theirs, measure);
  const spread = ratios.length > 1 ? ` (${decimal(Math.min(...ratios))}–${decimal(Math.max(...ratios))})` : '';
  return decimal(median(ratios)) + spread;
}

function median(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const middle = known.length / 2;
  return known.length % 2 ? known[Math.floor(middle)] : (known[middle - 1] + known[middle]) / 2;
}

const whole = (number = null) => (number === null ? '–' : Math.round(number).toLocaleString('en-GB'));
const decimal = (number = null) => (number === null ? '–' : number.toFixed(number < 10 ? 2 : 1));
const exact = (runs, key) => decimal(median(runs.map((run) => run[key])));

function table(head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column ? '---:' : '---'))), ...rows.map(line)].join('\n');
}
