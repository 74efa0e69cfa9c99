import { STATUS_CODES } from 'node:http';
import type { ResponseObject, ResponsesObject } from '@nestjs/swagger';
import { EDITOR, INVITATION_ID, KIM, MONDAY, WEBSITE_ID } from '../example-story.js';
import type { OperationNotes } from '../operation-notes.js';

const PLATFORM_ID = '019a9d1c-7a5b-4c3d-8e2f-1a0b9c8d7e6f';

const invitation = {
  id: INVITATION_ID,
  created: MONDAY,
  updated: MONDAY,
  email: KIM.email,
  status: 'PENDING',
  type: 'PROJECT',
  platformId: PLATFORM_ID,
  platformRole: null,
  projectId: WEBSITE_ID,
  projectRoleId: EDITOR.id,
  projectRole: {
    id: EDITOR.id,
    created: MONDAY,
    updated: MONDAY,
    name: EDITOR.name,
    permissions: ['project:read', 'project:update', 'project-members:read'],
    platformId: null,
    type: 'DEFAULT',
  },
};

function refusal(status: number, code: string, message: string): ResponsesObject {
  const schema = { $ref: '#/components/schemas/ActivepiecesError' };
  const example = { code, params: { message } };
  const said: ResponseObject = {
    description: `${STATUS_CODES[status]}.`,
    content: { 'application/json': { schema, example } },
  };
  return { [status]: said };
}

const INVALID = refusal(400, 'VALIDATION', 'The request is not valid: see type. type must be PLATFORM or PROJECT.');
const NO_KEY = refusal(
  401,
  'INVALID_API_KEY',
  'Send a valid credential as `Authorization: Bearer …`; sign in for one.',
);
const DENIED = refusal(403, 'PERMISSION_DENIED', 'This needs a permission that your role does not hold here.');
const NOT_FOUND = refusal(404, 'ENTITY_NOT_FOUND', 'There is nothing here that you may see.');
const TOO_MANY = refusal(429, 'RATE_LIMIT_EXCEEDED', 'This person got a mail a moment ago. Try again in 42 seconds.');
const IN_GENERAL = { ...INVALID, ...NO_KEY, ...DENIED, ...NOT_FOUND };

/** What the routes do not say of themselves. */
export const ACTIVEPIECES_OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'POST /v1/user-invitations': {
    id: 'activepiecesInvite',
    answer: invitation,
    refusals: {
      ...IN_GENERAL,
      ...refusal(402, 'QUOTA_EXCEEDED', 'The plan has 10 seats, and all are taken.'),
      ...refusal(409, 'VALIDATION', 'This person has all of that already.'),
      ...TOO_MANY,
    },
  },
  'GET /v1/user-invitations': {
    id: 'activepiecesList',
    answer: { data: [invitation], next: null, previous: null },
    refusals: IN_GENERAL,
  },
  'DELETE /v1/user-invitations/{invitationId}': {
    id: 'activepiecesRevoke',
    refusals: {
      ...NO_KEY,
      ...DENIED,
      ...NOT_FOUND,
      ...refusal(409, 'VALIDATION', 'This invitation is ACCEPTED. Invite the person anew.'),
    },
  },
  'POST /v1/user-invitations/accept': {
    id: 'activepiecesAccept',
    answer: { ...invitation, status: 'ACCEPTED' },
    credential: 'optional',
    refusals: {
      ...INVALID,
      ...refusal(401, 'AUTHENTICATION', 'There is an account for this address. Sign in with it, then accept.'),
      ...refusal(403, 'AUTHORIZATION', 'This invitation is for k•••@example.com. Sign in with that address.'),
      ...refusal(410, 'ENTITY_NOT_FOUND', 'This invitation is no longer open. Ask for a fresh link.'),
      ...refusal(429, 'RATE_LIMIT_EXCEEDED', 'Too many attempts. Try again in 42 seconds.'),
    },
  },
};
