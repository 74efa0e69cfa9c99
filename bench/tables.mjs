// The tables of the report, each made from the results of a run; empty when nothing of it was measured.
import { GROWTH } from './options.mjs';

const TITLES = {
  create: 'create one invitation',
  list: 'list the first 50 invitations',
  get: 'get one invitation',
  accept: 'accept, signed in',
  members: 'list 50 members of many',
  memberships: 'list my 100 organisations',
  bulk: 'create 1,000 invitations',
};

const AIMS = {
  create: { reference: 0.6, 'better-auth': 10 },
  list: { reference: 0.75, 'better-auth': 10 },
  get: { reference: 0.6, 'better-auth': 11 },
  accept: { reference: 0.6, 'better-auth': 9 },
  members: { reference: 0.75, 'better-auth': 8 },
  memberships: { reference: 0.75, 'better-auth': 9 },
  bulk: { reference: 0.4 },
};

const LABELS = { usher: 'Usher', reference: 'the limit', 'better-auth': 'better-auth' };
const label = (name) => LABELS[name] ?? name;

/** Requests a second, and how many times as many as the others, with the spread between rounds. */
export function throughput({ rounds }) {
  const names = namesIn(rounds);
  const others = names.filter((name) => name !== 'usher');
  return table(
    ['', ...names.map(label), ...(names.includes('usher') ? others.map((name) => `Usher ÷ ${label(name)}`) : [])],
    Object.entries(rounds).map(([scenario, measured]) => [
      TITLES[scenario],
      ...names.map((name) => of(measured[name], (runs) => whole(median(runs.map(({ rate }) => rate))))),
      ...(names.includes('usher') ? others.map((name) => ratio(measured.usher, measured[name])) : []),
    ]),
  );
}

/** What the project wants to reach, and the median of what it does. */
export function aims({ rounds }) {
  const verdict = (scenario, other) => {
    const aim = AIMS[scenario][other];
    const measured = rounds[scenario]?.usher && rounds[scenario][other];
    if (!aim || !measured) return aim ? `${aim}` : '–';
    const reached = medianRatio(rounds[scenario].usher, measured);
    return `${aim}: ${reached >= aim ? 'reached' : `**not reached, ${decimal(reached)}**`}`;
  };
  return table(
    ['at least', '× the limit', '× better-auth', 'the limit ÷ better-auth'],
    Object.entries(rounds).map(([scenario, measured]) => [
      TITLES[scenario],
      verdict(scenario, 'reference'),
      verdict(scenario, 'better-auth'),
      ratio(measured.reference, measured['better-auth']),
    ]),
  );
}

/** The same of what has no request a second. */
export function otherAims({ rounds, growth, start, size }) {
  const { usher } = start;
  if (!usher) return '';
  const grown = (operation) => {
    const { [`${operation}Small`]: small, [`${operation}Huge`]: huge } = growth;
    return small && huge ? huge.usher.databaseCpu / small.usher.databaseCpu : null;
  };
  const bulk = rounds.bulk?.usher ? median(rounds.bulk.usher.map(({ rate }) => rate)) * 1_000 : null;
  const verdict = (value, isReached) => (value === null ? '–' : isReached ? 'reached' : '**not reached**');
  const atMost = (what, aim, value, shown = decimal) => [what, `≤ ${aim}`, shown(value), verdict(value, value <= aim)];
  return table(
    ['', 'aim', 'measured', ''],
    [
      ['invitations a second in bulk', '≥ 20,000', whole(bulk), verdict(bulk, bulk >= 20_000)],
      atMost("PostgreSQL's CPU for a creation, huge ÷ small", 1.3, grown('create')),
      atMost("PostgreSQL's CPU for a page, huge ÷ small", 1.3, grown('list')),
      atMost('first answer after, s', 1.2, median(usher.starts) / 1_000),
      atMost('at rest, MiB', 130, usher.idle, whole),
      atMost('installed, MiB', 150, size?.dependencies ?? null, whole),
    ],
  );
}

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

/** Statements for one request, and for its mail. */
export function statements(results) {
  const names = Object.keys(results.statements);
  const scenarios = Object.keys(TITLES).filter((scenario) =>
    names.some((name) => scenario in results.statements[name]),
  );
  return table(
    ['statements a request', ...names.map(label)],
    scenarios.map((scenario) => [TITLES[scenario], ...names.map((name) => results.statements[name][scenario] ?? '–')]),
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

/** How many of the mails left while creating was measured. */
export function mails({ rounds }) {
  const runs = rounds.create?.usher ?? [];
  if (runs.length === 0) return '';
  const sum = (key) => runs.reduce((total, run) => total + run[key], 0);
  return `${whole(100 - (sum('unsent') / sum('count')) * 100)} %`;
}

const namesIn = (rounds) => [...new Set(Object.values(rounds).flatMap((measured) => Object.keys(measured)))];
const of = (runs, shown) => (runs ? shown(runs) : '–');

const ratiosOf = (ours, theirs) => ours.map(({ rate }, round) => rate / theirs[round].rate);
const medianRatio = (ours, theirs) => median(ratiosOf(ours, theirs));

function ratio(ours, theirs) {
  if (!ours || !theirs) return '–';
  const ratios = ratiosOf(ours, theirs);
  const spread = ratios.length > 1 ? ` (${decimal(Math.min(...ratios))}–${decimal(Math.max(...ratios))})` : '';
  return decimal(median(ratios)) + spread;
}

function median(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const middle = known.length / 2;
  return known.length % 2 ? known[Math.floor(middle)] : (known[middle - 1] + known[middle]) / 2;
}

const whole = (number) => (number === null ? '–' : Math.round(number).toLocaleString('en-GB'));
const decimal = (number) => (number === null ? '–' : number.toFixed(number < 10 ? 2 : 1));
const exact = (runs, key) => decimal(median(runs.map((run) => run[key])));

function table(head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column ? '---:' : '---'))), ...rows.map(line)].join('\n');
}
