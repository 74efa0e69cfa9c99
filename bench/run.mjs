// Opens the contestants, measures them in turns, writes the report, and leaves nothing behind.
import { setTimeout as delay } from 'node:timers/promises';
import { countingProxy } from './counting-proxy.mjs';
import { Databases } from './databases.mjs';
import { installSize } from './install-size.mjs';
import { hashCost } from './hash-cost.mjs';
import { Measuring, MOST_IN_WARM_UP, mostInFirstWarmUp, USED_UP } from './measure.mjs';
import { GROWTH, readOptions, SCENARIOS } from './options.mjs';
import { isLocal, memoryOf } from './processes.mjs';
import { print, writeReport } from './report.mjs';

const STARTS = 5;
const ASKED_ONCE = 10;
const REST_BEFORE_LOOKING = 5_000;
const options = readOptions();
const databases = new Databases(options.databaseUrl);
const measurings = [];
const failures = [];
const results = { statements: {}, start: {}, rounds: {}, growth: {} };
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().finally(() => process.exit(1)));

try {
  await databases.open();
  options.isLocal = await isLocal(databases);
  results.postgres = await version();
  if (isWanted('acceptNew')) results.hash = await hashCost();
  for (const name of options.contestants) await open(name);
  for (const measuring of measurings) {
    if (isWanted('statements')) results.statements[measuring.name] = await statementsOf(measuring);
    await measuring.contestant.settle();
    results.start[measuring.name] = { starts: await startsOf(measuring) };
  }
  await delay(REST_BEFORE_LOOKING);
  for (const { name, server } of measurings) results.start[name].idle = memoryOf(server.pid);
  for (const scenario of SCENARIOS.filter(isWanted)) await inTurns(scenario);
  if (isWanted('growth')) results.growth = await growth();
  if (isWanted('size')) results.size = installSize();
} finally {
  print(results); // also what was measured before something failed
  await cleanUp();
}
if (failures.length > 0) refuse();
else if (options.report) await writeReport(options, results);

/** A run in which something was refused measures nothing: it is not written down. */
function refuse() {
  console.error(`\nAnswers that were not 2xx:\n${failures.join('\n')}`);
  process.exitCode = 1;
}

async function cleanUp() {
  for (const measuring of measurings.splice(0)) await measuring.close();
  await databases.close();
}

function isWanted(scenario) {
  return options.scenarios.includes(scenario);
}

async function version() {
  const [row] = await databases.query('SELECT version()');
  return row.version.split(' on ')[0];
}

/** Makes its database and fills it. All are made before any is started: a database in use cannot be copied. */
async function open(name) {
  console.log(`Seeding ${name} …`);
  const module = await import(`./contestants/${name}.mjs`);
  const contestant = await module.open({ databases, ...options });
  measurings.push(new Measuring({ name, module, contestant, databases, options }));
}

/** Statements and round trips of one request of each scenario. */
async function statementsOf(measuring) {
  console.log(`Counting statements of ${measuring.name} …`);
  const { counter, address, close } = await countingProxy(measuring.contestant.address);
  await measuring.start(address);
  const counts = {};
  for (const scenario of SCENARIOS.filter((each) => isWanted(each) && measuring.has(each))) {
    counts[scenario] = await measuring.count(scenario, counter);
  }
  await measuring.server.stop();
  close();
  return counts;
}

/** Starts it some times to see how long that takes, and leaves it running. */
async function startsOf(measuring) {
  const starts = [];
  for (let n = 1; n <= (isWanted('start') ? STARTS : 1); n += 1) {
    await measuring.server?.stop();
    await measuring.start();
    starts.push(measuring.server.startedIn);
  }
  return starts;
}

/** A B C, C B A, A B C: whatever changes with time changes for all. */
async function inTurns(scenario) {
  const rounds = (results.rounds[scenario] = {});
  const ready = [];
  for (const measuring of measurings.filter((each) => each.has(scenario))) {
    await measuring.refresh();
    if (await measuring.isReady(scenario)) ready.push(measuring);
    else console.log(`${measuring.name} has no ${scenario}`);
  }
  for (const measuring of ready) await measuring.warmUp(scenario);
  const most = mostInARound(scenario);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const measuring of round % 2 === 0 ? ready : ready.toReversed()) {
      const result = await run(measuring, scenario, most);
      (rounds[measuring.name] ??= []).push(result);
      console.log(`${scenario} ${measuring.name} ${Math.round(result.rate)}/s p99 ${result.p99.toFixed(1)} ms`);
    }
  }
}

async function run(measuring, scenario, most) {
  const result = await measuring.run(scenario, options.seconds, most);
  for (const [status, count] of Object.entries(result.failures)) {
    failures.push(`${measuring.name}, ${scenario}: ${count} × ${status}`);
  }
  return result;
}

/** Everybody accepts once, also those of the warm-ups and of what is asked once. */
function mostInARound(scenario) {
  if (!(scenario in USED_UP)) return Infinity;
  const { sizes, rounds } = options;
  const left = sizes[USED_UP[scenario]] - ASKED_ONCE - mostInFirstWarmUp(scenario, sizes);
  return Math.floor(left / rounds) - MOST_IN_WARM_UP;
}

/** As many of each as leaves the smallest organisation small. */
async function growth() {
  const results = {};
  const most = Math.round(options.sizes.small / 2);
  for (const operation of ['list', 'create']) {
    for (const size of GROWTH) results[operation + size] = await growthOf(operation + size, most);
  }
  return results;
}

async function growthOf(scenario, most) {
  const results = {};
  for (const measuring of measurings) {
    await measuring.refresh();
    await measuring.isReady(scenario);
    results[measuring.name] = await run(measuring, scenario, most);
  }
  return results;
}
