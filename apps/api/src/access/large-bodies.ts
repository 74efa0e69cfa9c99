import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessRepository } from './access.repository.js';
import { credentialOf, unauthenticated } from './credential.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False on public routes. */
    asksForCredential?: boolean;
  }
}

/** In bytes: what is read of a caller who has shown no credential. */
const LARGEST_OF_STRANGERS = 16_384;

/** What a public route reads. */
export const BOUNDS_OF_STRANGERS = { largestBody: LARGEST_OF_STRANGERS, mostValues: 500 };

/** The guard comes after the body: whoever sends a large one must show a valid credential before it is read. */
export function askBeforeLargeBodies(server: FastifyInstance, access: AccessRepository): void {
  server.addHook('preParsing', async (request) => {
    if (!request.routeOptions.config.asksForCredential || !mayBeLarge(request)) return;
    const credential = credentialOf(request.headers.authorization);
    if (!credential || !(await access.find(credential))) throw unauthenticated();
  });
}

function mayBeLarge({ headers }: FastifyRequest): boolean {
  const isUnknown = headers['transfer-encoding'] !== undefined;
  return isUnknown || Number(headers['content-length'] ?? 0) > LARGEST_OF_STRANGERS;
}
