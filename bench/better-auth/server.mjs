import { createServer } from 'node:http';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';
import { BASE_PATH, createAuth } from './auth.mjs';

const { DATABASE_URL, PORT } = process.env;
const baseURL = `http://127.0.0.1:${PORT}`;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });

/** One for each length of page, made when it is first asked for; they share the connections. */
const handlers = new Map();
function handlerFor(pageSize) {
  if (!handlers.has(pageSize)) handlers.set(pageSize, toNodeHandler(createAuth(pool, { baseURL, pageSize })));
  return handlers.get(pageSize);
}

createServer((request, response) => {
  const [, pageSize] = /^\/(50|100)\//.exec(request.url.slice(BASE_PATH.length)) ?? [];
  if (!pageSize) response.writeHead(404).end();
  else void handlerFor(Number(pageSize))(request, response);
}).listen(PORT, '127.0.0.1');
process.once('SIGTERM', () => process.exit());
