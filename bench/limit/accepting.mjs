import { randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import * as answers from './answers.mjs';
import { enter, guard, newId, newToken, refuse, sha256 } from './caller.mjs';
import { run, together } from './database.mjs';

const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const NAME = { type: 'string', maxLength: 100 };
const TO_ACCEPT = {
  type: 'object',
  required: ['token'],
  properties: {
    token: { type: 'string', maxLength: 100 },
    password: { type: 'string', minLength: 8, maxLength: 128 },
    givenName: NAME,
    familyName: NAME,
  },
  additionalProperties: false,
};

export function acceptRoutes(server) {
  server.post(
    '/api/v1/invitations/accept',
    { schema: { body: TO_ACCEPT, response: { 200: answers.acceptedShape } } },
    (request) => (request.headers.authorization ? acceptSignedIn(request) : acceptAsNewcomer(request)),
  );
}

async function acceptSignedIn(request) {
  const [callers] = await together(guard(request));
  const caller = enter(callers);
  const rows = await run('ACCEPT', [
    ...[sha256(request.body.token), caller.id, caller.email, [newId(), newId()]],
    ...[request.ip, request.id],
  ]);
  if (rows.length === 0) throw refuse(410, 'invitation_closed');
  return { memberships: rows.map(answers.membership), redirectUrl: null };
}

/** A password is hashed outside of any transaction, and only for an invitation that can be accepted. */
async function acceptAsNewcomer(request) {
  const { token, password, givenName = null, familyName = null } = request.body;
  const tokenHash = sha256(token);
  const [found] = await run('PEEK', [tokenHash]);
  if (found?.code === 'sign_in_required') throw refuse(401, found.code);
  if (found?.code !== 'ok') throw refuse(410, 'invitation_closed');
  if (!password) throw refuse(400, 'validation_failed');
  const session = `uss_${newToken()}`;
  const rows = await run('ACCEPT_NEW', [
    ...[tokenHash, randomUUID(), await hash(password, ARGON2ID), [newId(), newId(), newId(), newId()]],
    ...[request.ip, request.id, givenName, familyName],
    ...[sha256(session), request.headers['user-agent'] ?? null, newId()],
  ]);
  if (rows.length === 0) throw refuse(410, 'invitation_closed');
  return {
    memberships: rows.map(answers.membership),
    redirectUrl: null,
    session: { token: session, expiresAt: rows[0].s_expires_at },
  };
}
