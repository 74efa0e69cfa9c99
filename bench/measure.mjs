import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { backendsOf, cpuOf, memoryOf, spent } from './processes.mjs';

/** Servers run for days: until then V8 has compiled what is asked for often, and PostgreSQL has kept its plans. */
const FIRST_WARM_UP_SECONDS = 12;
const WARM_UP_SECONDS = 2;
/** Where requests are few. */
export const MOST_IN_WARM_UP = 500;
/** Every request of these uses up an invitation that was seeded: as many as the size of this name. */
export const USED_UP = { accept: 'door', acceptNew: 'gate' };
/** Of those, before the first round. */
export const mostInFirstWarmUp = (scenario, sizes) => (scenario in USED_UP ? sizes[USED_UP[scenario]] / 10 : Infinity);
const PATIENCE = 120_000;
const PAUSE = 500;
const UNTIL_QUIET = 300;
const COUNTS = 3;
/** A request of a thousand rows is work for a while: more of them at once only wait for each other. */
const CONNECTIONS = { bulk: 4 };

/** One contestant, started: asks it for a scenario and looks at what that cost. */
export class Measuring {
  /** The number of the next request of a kind: every body is sent once. */
  #next = {};

  constructor({ name, module, contestant, databases, options }) {
    Object.assign(this, { name, module, contestant, databases, options });
  }

  has = (scenario) => scenario in this.module.requests;

  /** Credentials that do not last. */
  refresh = () => this.module.refresh?.(this.server);

  /** Asks once, and throws unless the answer is what the scenario is about. False: this build has no such route. */
  async isReady(scenario) {
    const { path, ...request } = this.module.requests[scenario](this.#take(scenario, 1), this.#facts());
    const response = await fetch(this.server.url + path, request);
    const answer = await response.text();
    if (response.status === 404 && scenario === 'bulk') return false;
    if (!response.ok || !this.module.isRight[scenario](JSON.parse(answer))) {
      throw new Error(`${this.name} answers ${scenario} wrongly: ${response.status} ${answer.slice(0, 500)}`);
    }
    return true;
  }

  /** Before anything is measured. */
  async warmUp(scenario) {
    const { quick, seconds, sizes } = this.options;
    await this.#send(scenario, quick ? seconds : FIRST_WARM_UP_SECONDS, mostInFirstWarmUp(scenario, sizes));
    await this.contestant.settle();
  }

  /** `most`: at most so many requests, however much time is left. `failures` says which answers were not 2xx, and how many. */
  async run(scenario, seconds, most = Infinity) {
    await this.refresh();
    const mostInWarmUp = most === Infinity ? most : MOST_IN_WARM_UP;
    const warmUp = await this.#send(scenario, Math.min(seconds, WARM_UP_SECONDS), mostInWarmUp);
    await this.contestant.settle();
    const before = await this.#look();
    const result = await this.#send(scenario, seconds, most);
    const after = await this.#look();
    const unsent = await this.contestant.settle();
    await delay(PAUSE);
    const failures = { ...warmUp.failures, ...result.failures };
    if (result.count === 0) throw new Error(`${this.name} answers nothing but ${JSON.stringify(failures)}`);
    const rate = result.count / result.elapsed;
    return { ...result, ...costOf(before, after, result.count), rate, unsent, failures };
  }

  /** Statements and round trips of one request, and of the mail that follows it. The least of some counts: a look at the outbox may fall among them. */
  async count(scenario, counter) {
    await this.refresh();
    if (!(await this.isReady(scenario))) return null;
    const counts = [];
    for (let n = 0; n < COUNTS; n += 1) {
      await this.contestant.settle();
      await delay(UNTIL_QUIET);
      const before = { ...counter };
      await this.isReady(scenario);
      await delay(UNTIL_QUIET);
      counts.push({ statements: counter.statements - before.statements, trips: counter.trips - before.trips });
    }
    const least = (key) => Math.min(...counts.map((each) => each[key]));
    return { statements: least('statements'), trips: least('trips') };
  }

  async #send(scenario, seconds, most) {
    const { options, server, name: contestant } = this;
    const from = this.#take(scenario, 0);
    const child = (this.load ??= fork(new URL('load.mjs', import.meta.url)));
    const connections = CONNECTIONS[scenario] ?? options.connections;
    const to = most === Infinity ? undefined : from + most;
    child.send({ contestant, scenario, url: server.url, facts: this.#facts(), from, to, seconds, connections });
    const [result] = await once(child, 'message', { signal: AbortSignal.timeout(seconds * 1_000 + PATIENCE) });
    this.#next[scenario] = result.next;
    return result;
  }

  #take(scenario, count) {
    const number = this.#next[scenario] ?? 1;
    this.#next[scenario] = number + count;
    return number;
  }

  #facts = () => ({ ...this.server.facts, sizes: this.options.sizes });

  async #look() {
    const { server, databases, contestant, options } = this;
    return {
      server: cpuOf(server.pid),
      database: options.isLocal ? await backendsOf(databases, contestant.database) : null,
      memory: memoryOf(server.pid),
    };
  }

  /** Starts the server, perhaps with another way to its database; its limits are out of the way of whatever is asked first. */
  async start(database) {
    this.server = await this.contestant.start(database);
    await this.module.raiseLimits?.(this.server);
  }

  async close() {
    this.load?.disconnect();
    await this.server?.stop();
    await this.contestant.close();
  }
}

/** Milliseconds of CPU for one request. */
const costOf = (before, after, count) => ({
  serverCpu: after.server === null ? null : ((after.server - before.server) / count) * 1_000,
  databaseCpu: after.database && (spent(before.database, after.database) / count) * 1_000,
  memory: after.memory,
});
