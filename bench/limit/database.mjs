// One round trip for statements that are sent together; each is planned once, by its name.
import pg from 'pg';
import * as accept from './accept.mjs';
import { BULK } from './bulk.mjs';
import * as create from './create.mjs';
import * as guards from './guards.mjs';
import * as reads from './reads.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16, pipeline: true });
const texts = { ...guards, ...reads, ...create, ...accept, BULK };
const pages = new Map();

export const statement = (name, values) => ({ name, text: texts[name], values });

/** One row more than is shown tells that there is another page. */
export function pageStatement(name, limit, values) {
  const key = `${name}(${limit})`;
  if (!pages.has(key)) pages.set(key, texts[name](limit + 1));
  return { name: key, text: pages.get(key), values };
}

export const run = async (name, values) => (await pool.query(statement(name, values))).rows;

/** Rows of each. All answers have arrived when it ends, also when one is an error. */
export async function together(...statements) {
  const client = await pool.connect();
  try {
    const answers = await Promise.allSettled(statements.map((each) => client.query(each)));
    return answers.map(({ value, reason }) => {
      if (reason) throw reason;
      return value.rows;
    });
  } finally {
    client.release();
  }
}

/** The last of them in one transaction with the locks before it: it sees what they waited for. Its rows. */
export async function locked(...statements) {
  const rows = await together('BEGIN', ...statements, 'COMMIT');
  return rows.at(-2);
}
