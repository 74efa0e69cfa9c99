import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const EXECUTE = 'E';
const QUERY = 'Q';
const PARSE = 'P';
const BIND = 'B';
const SYNC = 'S';
const READY = 'Z';

/** What one request asked of the database. */
export interface Asked {
  /** First words of each statement, BEGIN and COMMIT among them. */
  statements: string[];
  /** How often something was sent while nothing was unanswered: statements that are sent together are one. */
  roundTrips: number;
}

/** Every new connection says this. */
const GREETING = /^SET statement_timeout/;

/** A way to PostgreSQL that counts what passes, as its protocol has it. */
export class CountedDatabase {
  private readonly sockets = new Set<Socket>();
  private asked: Asked = { statements: [], roundTrips: 0 };
  private readonly server = createServer((client) => this.pass(client));

  private constructor(private readonly database: URL) {}

  static async open(url: string): Promise<CountedDatabase> {
    const counted = new CountedDatabase(new URL(url));
    counted.server.listen(0, '127.0.0.1');
    await once(counted.server, 'listening');
    return counted;
  }

  /** The address of the database by this way. */
  get url(): string {
    const url = new URL(this.database);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  async during(work: () => Promise<unknown>): Promise<Asked> {
    this.asked = { statements: [], roundTrips: 0 };
    await work();
    return this.asked;
  }

  close(): void {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
  }

  private pass(client: Socket): void {
    const database = connect(Number(this.database.port || 5432), this.database.hostname);
    const connection = new Connection((text, isTrip) => this.note(text, isTrip));
    client.on('data', (chunk: Buffer) => {
      connection.sent(chunk);
      database.write(chunk);
    });
    database.on('data', (chunk: Buffer) => {
      connection.answered(chunk);
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, database],
      [database, client],
    ]) {
      this.sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
    }
  }

  private note(text: string | null, isTrip: boolean): void {
    if (text !== null && GREETING.test(text)) return;
    if (text !== null) this.asked.statements.push(text);
    if (isTrip) this.asked.roundTrips += 1;
  }
}

/** One connection: which text a prepared name stands for, and what is unanswered. */
class Connection {
  private readonly texts = new Map<string, string>();
  private bound = '';
  private unanswered = 0;
  readonly sent = messages((type, body) => this.onSent(type, body), { isFirstUntyped: true });
  readonly answered = messages((type) => {
    if (type === READY) this.unanswered -= 1;
  });

  constructor(private readonly note: (text: string | null, isTrip: boolean) => void) {
    this.unanswered = 1; // the start of the connection
  }

  private onSent(type: string, body: Buffer): void {
    if (type === PARSE) {
      const [name, text] = textsIn(body);
      this.texts.set(name, text);
    } else if (type === BIND) {
      const [, name] = textsIn(body);
      this.bound = this.texts.get(name) ?? name;
    } else if (type === EXECUTE) this.note(words(this.bound), false);
    else if (type === QUERY) this.onQuery(words(textsIn(body)[0]));
    else if (type === SYNC) this.onSync();
  }

  private onQuery(text: string): void {
    this.note(text, this.unanswered === 0);
    this.unanswered += 1;
  }

  private onSync(): void {
    this.note(null, this.unanswered === 0);
    this.unanswered += 1;
  }
}

const words = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 90);

/** The first two texts of a message, each of which ends with a zero. */
function textsIn(body: Buffer): [string, string] {
  const end = body.indexOf(0);
  const next = body.indexOf(0, end + 1);
  return [body.toString('utf8', 0, end), body.toString('utf8', end + 1, next)];
}

/** Reads messages of the protocol from chunks that begin and end anywhere. */
function messages(
  onMessage: (type: string, body: Buffer) => void,
  { isFirstUntyped = false } = {},
): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isUntyped = isFirstUntyped;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const before = isUntyped ? 0 : 1;
      if (rest.length < before + 4) return;
      const length = before + rest.readInt32BE(before);
      if (rest.length < length) return;
      if (!isUntyped) onMessage(String.fromCharCode(rest[0]), rest.subarray(before + 4, length));
      isUntyped = false;
      rest = rest.subarray(length);
    }
  };
}
