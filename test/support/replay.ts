import type { DataSource } from 'typeorm';
import type { Answer, Exchange, RequestOptions, Watcher } from './client.js';
import { differences, fingerprint } from './fingerprint.js';
import { bringIntruders, type Intruder, sendAway } from './intruders.js';

/** Where an outsider is refused in another way than by 404, and why. */
const EXCEPTIONS: readonly { path: RegExp; status: number; because: string }[] = [
  { path: /^\/users\//, status: 403, because: 'accounts belong to the platform: who is not of its staff is told so' },
  { path: /^\/platform\//, status: 403, because: 'what belongs to the platform is no secret, only closed' },
  {
    path: /^\/roles\/00000000-0000-4000-8000-0000000000/,
    status: 403,
    because: 'every organisation has the built-in roles',
  },
];

/** A uuid, or the short id of an organisation, as a whole segment of the path. */
const ID = /\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\/organisations\/)[2-9a-hjkmnp-z]{8})(?=\/|$)/i;

/** Headers that say how a body is to be read; a replay carries no others, above all no Idempotency-Key. */
const KEPT_HEADERS = ['content-type', 'accept'];

type Send = (exchange: Exchange) => Promise<Answer>;

/**
 * Repeats what the suites' people did with success as somebody who has no business there, and expects 404 and no change.
 * It happens just before the next DELETE, while everything still exists, and when the app stops; nothing of it stays behind but what the audit says of the attempts.
 */
export class Replay implements Watcher {
  private readonly seen = new Set<string>();
  private readonly failures = new Set<string>();
  private collected: Exchange[] = [];
  private underWay = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly send: Send,
  ) {}

  async around(exchange: Exchange, send: () => Promise<Answer>): Promise<Answer> {
    const names = namesAnId(exchange);
    const isDeletion = names && exchange.method === 'DELETE';
    const verdict = isDeletion ? await this.inTurn(() => this.beforeDeletion(exchange)) : [];
    await this.turn;
    this.underWay += 1;
    try {
      const answer = await send();
      if (answer.status >= 300) return answer;
      for (const failure of verdict) this.failures.add(failure);
      if (names && !isDeletion) this.collect(exchange);
      return answer;
    } finally {
      this.underWay -= 1;
    }
  }

  /** Throws what outsiders could do. */
  async finish(): Promise<void> {
    await this.inTurn(() => this.replayCollected());
    if (this.failures.size === 0) return;
    throw new Error(`Outsiders were not refused as they should be:\n${[...this.failures].join('\n')}`);
  }

  private collect(exchange: Exchange): void {
    const key = keyOf(exchange);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.collected.push(exchange);
  }

  /** One batch at a time; the suite's own requests wait for it. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Afterwards the thing is gone, and 404 would prove nothing. What is wrong counts when the deletion itself is allowed. */
  private async beforeDeletion(exchange: Exchange): Promise<string[]> {
    await this.replayCollected();
    return this.replay([exchange]);
  }

  private async replayCollected(): Promise<void> {
    const batch = this.collected;
    this.collected = [];
    for (const failure of await this.replay(batch)) this.failures.add(failure);
  }

  private async replay(batch: Exchange[]): Promise<string[]> {
    if (batch.length === 0) return [];
    const intruders = await bringIntruders(this.dataSource);
    try {
      const before = await fingerprint(this.dataSource);
      const isAlone = this.underWay === 0;
      const verdicts: string[] = [];
      for (const exchange of batch) verdicts.push(...(await this.attempt(exchange, intruders)));
      const changed = differences(before, await fingerprint(this.dataSource));
      // A request of the suite that runs at the same time may change whatever it likes.
      if (isAlone && changed.length > 0)
        verdicts.push(`${changed.join(', ')} changed by one of: ${batch.map(nameOf).join('; ')}`);
      return verdicts;
    } finally {
      await sendAway(this.dataSource, intruders);
    }
  }

  private async attempt(exchange: Exchange, intruders: Intruder[]): Promise<string[]> {
    const expected = EXCEPTIONS.find(({ path }) => path.test(exchange.path))?.status ?? 404;
    const answers = await Promise.all(
      intruders.map(({ token }) => this.send({ ...exchange, options: asOutsider(exchange, token) })),
    );
    return answers.flatMap(({ status }, index) =>
      status === expected ? [] : [`${nameOf(exchange)}: ${intruders[index].name} got ${status}, not ${expected}`],
    );
  }
}

const nameOf = ({ method, path }: Exchange): string => `${method} ${path}`;

const namesAnId = ({ path, options: { as, headers = {} } }: Exchange): boolean =>
  (as !== undefined || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) &&
  ID.test(path.split('?')[0]);

/** The same request with a body of the same shape proves the same. */
function keyOf({ method, path, body }: Exchange): string {
  const shape = typeof body === 'object' && body !== null ? Object.keys(body).sort().join() : typeof body;
  return `${method} ${path} ${shape}`;
}

function asOutsider({ options: { headers = {} } }: Exchange, token: string): RequestOptions {
  const kept = Object.entries(headers).filter(([name]) => KEPT_HEADERS.includes(name.toLowerCase()));
  return { as: token, headers: Object.fromEntries(kept) };
}
