import { randomInt } from 'node:crypto';
import * as answers from './answers.mjs';
import { enter, guard, newId, refuse, secretOf, sha256 } from './caller.mjs';
import { locked, run, statement, together } from './database.mjs';

const EMAIL = { type: 'string', format: 'email', maxLength: 254 };
const ROLE = { type: 'string', maxLength: 50 };
const object = (properties) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
  additionalProperties: false,
});
const TO_INVITE = object({ email: EMAIL, role: ROLE });
const TO_INVITE_MANY = object({ invitations: { type: 'array', minItems: 1, maxItems: 1_000, items: TO_INVITE } });
const TO_INVITE_AGAIN = object({ type: { const: 'PROJECT' }, email: EMAIL, projectId: ROLE, projectRole: ROLE });

/** As long as Usher's; in one language, and who invites to what is not looked up for it. */
const contentOf = (role) => ({
  subject: 'Somebody invites you to an organisation',
  language: 'en',
  direction: 'ltr',
  heading: 'Somebody invites you to an organisation',
  paragraphs: [`You are invited to join an organisation as ${role}.`],
  action: { label: 'View invitation', path: '/join', fallback: 'If the button does not work, open this address:' },
  optOut: { label: 'Unsubscribe', path: '/opt-out' },
  sender: { name: 'An organisation', logoUrl: null, accentColour: null },
  closing: [
    'The link works once, for a week. Nothing happens until you accept.',
    "If you weren't expecting this, you can ignore it: you won't be added to anything. Sent by the benchmark.",
  ],
});

const counter = (subject) => sha256(subject, 'hex');
const toRecipient = (organisation, email) => counter(`mails from ${organisation} to ${email}`);
const othersOf = (organisation, caller) => [counter(`by ${caller.id}`), counter(`by organisation ${organisation}`)];
const newSlot = () => randomInt(32);
const answering = (status, shape, body) => ({ schema: { response: { [status]: shape }, body } });

export function inviteRoutes(server) {
  server.post(
    '/api/v1/organisations/:id/invitations',
    answering(201, answers.invitationShape, TO_INVITE),
    async (request, reply) => {
      const organisation = request.params.id;
      const caller = await callerOf(request, 'invitations:manage', 'GUARD', organisation);
      const values = valuesOf(request, caller, request.body);
      const row = caller.hasSeatLimit
        ? await invite(statement('LOCK_ORGANISATION', [organisation]), statement('CREATE_SEATS', values))
        : await invite(statement('CREATE', values));
      return reply.code(201).send(answers.invitation(row));
    },
  );

  server.post(
    '/api/v1/projects/:id/invitations',
    answering(201, answers.invitationShape, TO_INVITE),
    async (request, reply) => {
      const row = await inviteToProject(request, 'CREATE_PROJECT', { project: request.params.id, ...request.body });
      return reply.code(201).send(answers.invitation(row));
    },
  );

  server.post(
    '/v1/user-invitations',
    answering(201, answers.userInvitationShape, TO_INVITE_AGAIN),
    async (request, reply) => {
      const { email, projectId: project, projectRole: role } = request.body;
      const lock = statement('LOCK_OPEN', [project, email.toLowerCase()]);
      const row = await inviteToProject(request, 'UPSERT', { project, email, role }, lock);
      return reply.code(201).send(answers.userInvitation(row));
    },
  );

  server.post(
    '/api/v1/organisations/:id/invitations/bulk',
    answering(200, answers.bulkShape, TO_INVITE_MANY),
    inviteMany,
  );
}

async function callerOf(request, permission, ...place) {
  const [callers] = await together(guard(request, ...place));
  return enter(callers, permission);
}

async function inviteToProject(request, name, { project, ...invitation }, ...locks) {
  const caller = await callerOf(request, 'project-invitations:manage', 'GUARD_OF_PROJECT', project);
  const { organisationId, hasSeatLimit, id } = caller;
  const values = [...valuesOf(request, caller, invitation), project];
  return invite(
    ...(hasSeatLimit ? [statement('LOCK_ORGANISATION', [organisationId])] : []),
    statement('LOCK_IN_PROJECT', [organisationId, id, project]),
    ...locks,
    statement(hasSeatLimit ? `${name}_SEATS` : name, values),
  );
}

/** One statement is a transaction of its own. */
async function invite(...statements) {
  const [rows] = statements.length === 1 ? await together(...statements) : [await locked(...statements)];
  const [row] = rows;
  if (!row?.id) throw refuse(row?.code === 'seat_limit_reached' ? 402 : 409, row?.code ?? 'forbidden');
  return row;
}

function valuesOf(request, caller, { email: address, role }) {
  const { organisationId } = caller;
  const email = address.toLowerCase();
  const mail = newId();
  const { hash, sealed } = secretOf(mail);
  return [
    ...[organisationId, caller.id, role, email, newId(), hash, mail, contentOf(role), sealed, newId()],
    ...[toRecipient(organisationId, email), ...othersOf(organisationId, caller), newSlot()],
    ...[request.ip, request.id],
  ];
}

async function inviteMany(request) {
  const organisation = request.params.id;
  const caller = await callerOf(request, 'invitations:manage', 'GUARD', organisation);
  const { invitations } = request.body;
  const [{ role }] = invitations; // of one role: what the scenario asks
  const emails = invitations.map(({ email }) => email.toLowerCase());
  const ids = () => emails.map(newId);
  const mails = ids();
  const secrets = mails.map(secretOf);
  const rows = await run('BULK', [
    ...[organisation, caller.id, role, emails, ids(), secrets.map(({ hash }) => hash), mails, contentOf(role)],
    ...[secrets.map(({ sealed }) => sealed), ids(), emails.map((email) => toRecipient(organisation, email))],
    ...[...othersOf(organisation, caller), newSlot(), request.ip, request.id],
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
}
