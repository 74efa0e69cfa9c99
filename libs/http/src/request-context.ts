import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { clientAddress } from './client-address.js';

/** Who acts: a person, an API key, platform staff in somebody else's place, or Usher itself. */
export interface Actor {
  type: 'user' | 'api_key' | 'platform_staff' | 'system';
  id: string | null;
}

export interface RequestContext {
  requestId: string;
  ip: string;
  userAgent: string | null;
  /** Null until the caller is known, and on public routes. */
  actor: Actor | null;
  /** The code of the refusal that is being answered; null while there is none. */
  refusal: string | null;
  /** The idempotency key that the work of this request uses up. */
  claim: Claim | null;
}

/** An idempotency key in the hands of one request, until its lease is over. */
export interface Claim {
  id: string;
  lease: Date;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The request that is being answered; undefined in background work. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

export function identifyActor(actor: Actor): void {
  const request = storage.getStore();
  if (request) request.actor = actor;
}

/** For every filter that answers errors: what refused attempts are written down with. */
export function nameRefusal(code: string): void {
  const request = storage.getStore();
  if (request) request.refusal = code;
}

/** After the body was read: what runs before that would lose the context again. */
export function startRequestContext(server: FastifyInstance): void {
  server.addHook('preValidation', (request, _reply, done) => storage.run(contextOf(request), done));
}

const contextOf = (request: FastifyRequest): RequestContext => ({
  requestId: request.id,
  ip: clientAddress(request),
  userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
  actor: null,
  refusal: null,
  claim: null,
});
