import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const STATEMENTS = [0x45, 0x51]; // Execute, Query
const LENGTH_OF_TYPE = 1;
const LENGTH_OF_HEADER = 5;

/** Stands between a server and PostgreSQL and counts the statements that are run, prepared or not, BEGIN and COMMIT among them. */
export async function countingProxy(databaseUrl) {
  const { hostname, port } = new URL(databaseUrl);
  const counter = { statements: 0 };
  const sockets = new Set();
  const proxy = createServer((client) => {
    const database = connect(Number(port || 5432), hostname);
    const read = reader(() => (counter.statements += 1));
    client.on('data', (chunk) => {
      read(chunk);
      database.write(chunk);
    });
    database.on('data', (chunk) => client.write(chunk));
    for (const [one, other] of [
      [client, database],
      [database, client],
    ]) {
      sockets.add(one);
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

/** Reads messages of PostgreSQL's protocol from chunks that begin and end anywhere. The first message alone has no type. */
function reader(onStatement) {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const before = isFirst ? 0 : LENGTH_OF_TYPE;
      if (rest.length < LENGTH_OF_HEADER) return;
      const length = before + rest.readInt32BE(before);
      if (rest.length < length) return;
      if (!isFirst && STATEMENTS.includes(rest[0])) onStatement();
      isFirst = false;
      rest = rest.subarray(length);
    }
  };
}
