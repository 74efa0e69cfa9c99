import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { clientAddress } from './client-address.js';
import { clientKey } from './client-key.js';

/** In milliseconds. */
const LOOK_EVERY = 250;
/** In this time a client must read this much of what waits for it: 2 KiB a second. */
const PATIENCE = 30_000;
const LEAST_READ = 65_536;
/** Of all clients together, in bytes. */
const MOST_UNREAD = 67_108_864;

/** Bounds how long answers that their clients do not read are kept, and how much of them: such connections are cut. */
export function cutUnreadAnswers(server: FastifyInstance): void {
  const answers = new Set<UnreadAnswer>();
  server.addHook('onSend', (request, { raw }, payload, done) => {
    if (!request.raw.socket.destroyed) {
      const answer = new UnreadAnswer(raw, clientKey(clientAddress(request)));
      answers.add(answer);
      raw.once('close', () => answers.delete(answer));
    }
    done(null, payload);
  });
  const looking = setInterval(() => cutAmong([...answers]), LOOK_EVERY).unref();
  server.addHook('onClose', (_server, done) => {
    clearInterval(looking);
    done();
  });
}

class UnreadAnswer {
  private since = Date.now();
  private readBefore = 0;

  constructor(
    private readonly response: ServerResponse,
    readonly client: string,
  ) {}

  /** Bytes that wait in this process for the client to read. */
  get unread(): number {
    return this.response.writableLength;
  }

  /** What waits for Usher's next words is not the client's fault. */
  isTooSlow(now: number): boolean {
    const { bytesWritten = 0, writableLength = 0 } = this.response.socket ?? {};
    const read = bytesWritten - writableLength;
    if (this.unread > 0 && read - this.readBefore < LEAST_READ) return now - this.since > PATIENCE;
    this.since = now;
    this.readBefore = read;
    return false;
  }

  cut(): void {
    this.response.destroy();
  }
}

function cutAmong(answers: UnreadAnswer[]): void {
  const now = Date.now();
  const slow = answers.filter((answer) => answer.isTooSlow(now));
  slow.forEach((answer) => answer.cut());
  cutUntilFew(answers.filter((answer) => answer.unread > 0 && !slow.includes(answer)));
}

/** The client that leaves most unread loses its oldest answer, again and again. */
function cutUntilFew(oldestFirst: UnreadAnswer[]): void {
  const unread = new Map<string, number>();
  for (const answer of oldestFirst) unread.set(answer.client, (unread.get(answer.client) ?? 0) + answer.unread);
  let total = [...unread.values()].reduce((sum, bytes) => sum + bytes, 0);
  while (total > MOST_UNREAD) {
    const [slowest, bytes] = [...unread].reduce((most, each) => (each[1] > most[1] ? each : most));
    const [answer] = oldestFirst.splice(
      oldestFirst.findIndex(({ client }) => client === slowest),
      1,
    );
    unread.set(slowest, bytes - answer.unread);
    total -= answer.unread;
    answer.cut();
  }
}
