import type { FastifyInstance } from 'fastify';
import { answerOverloaded } from './server-errors.js';

/**
 * Refuses at once what could only wait: every request under way waits for the same connections to the database.
 * Counted from when the body is there, so that slow clients take nobody's place.
 */
export function limitRequestsUnderWay(server: FastifyInstance, most: number, exempt: string[]): void {
  let underWay = 0;
  server.addHook('preValidation', (request, reply, done) => {
    if (exempt.includes(request.routeOptions.url ?? '')) return done();
    if (underWay >= most) return answerOverloaded(request, reply);
    underWay += 1;
    reply.raw.once('close', () => (underWay -= 1));
    done();
  });
}
