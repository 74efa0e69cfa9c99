import type { FastifyInstance } from 'fastify';
import { routeConfig } from './route-config.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In bytes; where the server's own limit is too low. */
    largestBody?: number;
  }
}

/** Bodies of up to so many bytes, where the server's own limit is too low. More is answered with 413. */
export const LargestBody = (bytes: number): MethodDecorator => routeConfig({ largestBody: bytes });

/** To be called before routes are made. */
export function readLargeBodies(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const { largestBody } = route.config ?? {};
    if (largestBody) route.bodyLimit = largestBody;
  });
}
