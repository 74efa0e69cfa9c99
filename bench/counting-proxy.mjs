import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const EXECUTE = 0x45;
const QUERY = 0x51;
const SYNC = 0x53;
const READY_FOR_QUERY = 0x5a;
const STATEMENTS = [EXECUTE, QUERY];
/** PostgreSQL answers each of them with ReadyForQuery. */
const ENDS = [SYNC, QUERY];
const LENGTH_OF_TYPE = 1;
const LENGTH_OF_HEADER = 5;

/**
 * Stands between a server and PostgreSQL and counts the statements that are run, prepared or not, BEGIN and COMMIT among them, and
 * the round trips: what is sent while an earlier answer of the same connection is still to come travels with it.
 */
export async function countingProxy(databaseUrl) {
  const { hostname, port } = new URL(databaseUrl);
  const counter = { statements: 0, trips: 0 };
  const sockets = new Set();
  const proxy = createServer((client) => {
    const database = connect(Number(port || 5432), hostname);
    countOn(counter, client, database);
    for (const [one, other] of [
      [client, database],
      [database, client],
    ]) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined).on('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = new URL(databaseUrl);
  address.hostname = '127.0.0.1';
  address.port = proxy.address().port;
  const close = () => {
    sockets.forEach((socket) => socket.destroy());
    proxy.close();
  };
  return { address: address.href, counter, close };
}

function countOn(counter, client, database) {
  // The answer to the start of the connection comes without a question that we count.
  let unanswered = 1;
  const asked = messages({ isTyped: false }, (type) => {
    if (STATEMENTS.includes(type)) counter.statements += 1;
    if (!ENDS.includes(type)) return;
    if (unanswered === 0) counter.trips += 1;
    unanswered += 1;
  });
  const answered = messages({ isTyped: true }, (type) => {
    if (type === READY_FOR_QUERY) unanswered -= 1;
  });
  client.on('data', (chunk) => {
    asked(chunk);
    database.write(chunk);
  });
  database.on('data', (chunk) => {
    answered(chunk);
    client.write(chunk);
  });
}

/** Reads messages of PostgreSQL's protocol from chunks that begin and end anywhere. `isTyped`: a client's first message alone has no type. */
function messages({ isTyped }, onMessage) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const before = isTyped ? LENGTH_OF_TYPE : 0;
      if (rest.length < LENGTH_OF_HEADER) return;
      const length = before + rest.readInt32BE(before);
      if (rest.length < length) return;
      if (isTyped) onMessage(rest[0]);
      isTyped = true;
      rest = rest.subarray(length);
    }
  };
}
