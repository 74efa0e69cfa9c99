import { readFileSync } from 'node:fs';
import pg from 'pg';
import { FIRST_NEWCOMER, FIRST_OF_CROWD, FIRST_OF_MANY, FIRST_WITH_SEATS } from './world.mjs';

/** The databases of one run. They are dropped at its end, and nothing else on the server is touched. */
export class Databases {
  #admin;
  #made = [];

  constructor(url) {
    this.url = url;
  }

  async open() {
    this.#admin = new pg.Client(this.url);
    await this.#admin.connect();
  }

  /** Answers its address. `template`: a name given earlier, to begin with a copy of it. */
  async make(name, template) {
    const full = this.nameOf(name);
    this.#made.push(full);
    await this.#admin.query(`CREATE DATABASE ${full}${template ? ` TEMPLATE ${this.nameOf(template)}` : ''}`);
    return this.addressOf(name);
  }

  nameOf = (name) => `usher_bench_${process.pid}_${name}`;

  addressOf(name) {
    const address = new URL(this.url);
    address.pathname = `/${this.nameOf(name)}`;
    return address.href;
  }

  query = async (statement, values) => (await this.#admin.query(statement, values)).rows;

  async close() {
    for (const name of this.#made) await this.#admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await this.#admin.end();
  }
}

/** Runs a file of statements whose `:names` are numbers, then tidies up as autovacuum would have by now. */
export async function seed(address, file, sizes) {
  const numbers = {
    ...sizes,
    firstOfCrowd: FIRST_OF_CROWD,
    firstNewcomer: FIRST_NEWCOMER,
    firstOfMany: FIRST_OF_MANY,
    firstWithSeats: FIRST_WITH_SEATS,
  };
  const statements = readFileSync(file, 'utf8').replace(/(?<!:):([a-z]\w*)/gi, (_, name) => numbers[name]);
  await withClient(address, async (client) => {
    await client.query(statements);
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT').catch(() => undefined); // for superusers; others begin with a busier disk
  });
}

export async function withClient(address, work) {
  const client = new pg.Client(address);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
