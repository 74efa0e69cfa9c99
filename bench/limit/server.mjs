// Fastify and pg, nothing between: the guard's statement, then the one that does the work.
import Fastify from 'fastify';
import * as answers from './answers.mjs';
import { acceptRoutes } from './accepting.mjs';
import { inviteRoutes } from './inviting.mjs';
import { enter, guard } from './caller.mjs';
import { pageStatement, statement, together } from './database.mjs';

const server = Fastify({ logger: false });
const LIST_QUERY = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  additionalProperties: false,
};
const answering = (shape, more) => ({ schema: { response: { 200: shape }, ...more } });

inviteRoutes(server);
acceptRoutes(server);

server.get(
  '/api/v1/organisations/:id/invitations',
  answering(answers.invitationsShape, { querystring: LIST_QUERY }),
  async (request) => {
    const { limit } = request.query;
    const [callers, rows] = await together(guard(request), pageStatement('listOf', limit, [request.params.id]));
    enter(callers, 'invitations:read');
    return answers.page(rows, limit, answers.invitation, (row) => [row.created_at, row.id]);
  },
);

server.get('/api/v1/invitations/:id', answering(answers.invitationShape), async (request) => {
  const { id } = request.params;
  const [callers, [row]] = await together(guard(request, 'GUARD_OF_INVITATION'), statement('GET', [id]));
  enter(callers, 'invitations:read');
  return answers.invitation(row);
});

server.get(
  '/api/v1/organisations/:id/members',
  answering(answers.membersShape, { querystring: LIST_QUERY }),
  async (request) => {
    const { limit } = request.query;
    const [callers, rows] = await together(guard(request), pageStatement('membersOf', limit, [request.params.id]));
    enter(callers, 'members:read');
    return answers.page(rows, limit, answers.member, (row) => [row.joined_at, row.id]);
  },
);

server.get(
  '/api/v1/me/memberships',
  answering(answers.membershipsShape, { querystring: LIST_QUERY }),
  async (request) => {
    const { limit } = request.query;
    const own = guard(request);
    const [callers, rows] = await together(own, pageStatement('membershipsOf', limit, [own.values[0]]));
    enter(callers);
    return answers.page(rows, limit, answers.membership, (row) => [row.joined_at, row.o_id]);
  },
);

server.get('/healthz', async () => ({ status: 'ok' }));
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', () => process.exit());
