import { finished, Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientAddress } from './client-address.js';
import { clientKey } from './client-key.js';
import { answerOverloaded } from './server-errors.js';

const ALL_TAKEN = 'There is more to do here than can be done at once. Try again in a second.';
const TOO_MANY_OF_CLIENT = 'Too many requests from your address are under way. Wait for their answers, then try again.';

/**
 * Refuses at once what could only wait: every request under way waits for the same connections to the database. One client may take half of the places.
 * Counted from when the body is there until the answer is handed to its connection, so that slow clients take nobody's place; the work for
 * a client that has gone away counts until it is done. Called after all hooks that work on an answer are added.
 */
export function limitRequestsUnderWay(server: FastifyInstance, most: number, exempt: string[]): void {
  const places = new Places(most);
  server.addHook('preValidation', (request, reply, done) => {
    if (exempt.includes(request.routeOptions.url ?? '')) return done();
    const refusal = places.take(request, reply);
    if (refusal) return answerOverloaded(request, reply, refusal);
    done();
  });
  server.addHook('onSend', (request, _reply, payload, done) => {
    const giveBack = () => places.giveBack(request);
    if (payload instanceof Readable) finished(payload, giveBack);
    else giveBack();
    done(null, payload);
  });
}

class Places {
  private readonly mostOfClient: number;
  private readonly taken = new Map<FastifyRequest, string>();
  private readonly counts = new Map<string, number>();

  constructor(private readonly most: number) {
    this.mostOfClient = Math.ceil(most / 2);
  }

  /** Answers why there is none. */
  take(request: FastifyRequest, { raw }: FastifyReply): string | null {
    const client = clientKey(clientAddress(request));
    const count = this.counts.get(client) ?? 0;
    if (this.taken.size >= this.most) return ALL_TAKEN;
    if (count >= this.mostOfClient) return TOO_MANY_OF_CLIENT;
    this.taken.set(request, client);
    this.counts.set(client, count + 1);
    // For an answer that another hook failed to send.
    raw.once('close', () => raw.writableEnded && this.giveBack(request));
    return null;
  }

  giveBack(request: FastifyRequest): void {
    const client = this.taken.get(request);
    if (client === undefined) return;
    this.taken.delete(request);
    const left = (this.counts.get(client) ?? 1) - 1;
    if (left > 0) this.counts.set(client, left);
    else this.counts.delete(client);
  }
}
