import type { ReferenceObject, ResponseObject } from '@nestjs/swagger';
import { ACME, EXPIRY, INVITATION_ID, KIM, KIMS_NAMES, MEMBER, WEBSITE_ID } from '../example-story.js';
import type { OperationNotes } from '../operation-notes.js';
import type { ProblemCode } from '../problems.js';

const INVALID_ROLE = {
  loc: ['body', 'role'],
  msg: 'role must be longer than or equal to 1 characters',
  type: 'value_error',
};
const INVALID_LIMIT = { loc: ['query', 'limit'], msg: 'limit must not be less than 1', type: 'value_error' };

const header = (name: string): ReferenceObject => ({ $ref: `#/components/headers/${name}` });

const ONE_TEXT = { type: 'object', required: ['detail'], properties: { detail: { type: 'string' } } };

const INVALID_FIELDS = {
  type: 'object',
  required: ['detail'],
  properties: {
    detail: {
      type: 'array',
      items: {
        type: 'object',
        required: ['loc', 'msg', 'type'],
        properties: {
          loc: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
          msg: { type: 'string' },
          type: { type: 'string' },
        },
      },
    },
  },
};

/** A refusal in deepset's words. */
const refusal = (description: string, detail: string | object[], ...headers: string[]): ResponseObject => ({
  description,
  headers: Object.fromEntries(['X-Request-Id', ...headers].map((name) => [name, header(name)])),
  content: {
    'application/json': { schema: typeof detail === 'string' ? ONE_TEXT : INVALID_FIELDS, example: { detail } },
  },
});

/** Refused before it is known which route is asked. */
const problem = (description: string, code: ProblemCode): ResponseObject => ({
  description,
  headers: { 'X-Request-Id': header('X-Request-Id') },
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: { [code]: { $ref: `#/components/examples/${code}` } },
    },
  },
});

const OF_EVERY_ROUTE = {
  401: refusal(
    'No valid credential.',
    'Send a valid credential as `Authorization: Bearer …`; sign in for one.',
    'WWW-Authenticate',
  ),
  403: refusal(
    'Your role does not permit it, or the invitation grants more than you hold.',
    'This needs the permission invitations:manage, which your role does not hold here.',
  ),
  404: refusal(
    'Not an organisation of yours, or it has no such role or workspace.',
    'There is nothing here that you may see.',
  ),
  500: refusal(
    'An error of the server.',
    'Something went wrong here. Try again; if it persists, report the requestId.',
  ),
  503: refusal('It cannot be done at the moment.', 'The database does not answer. Try again shortly.', 'Retry-After'),
};

/** What the routes do not say of themselves. */
export const DEEPSET_OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'POST /organization/{organisationId}/invitation': {
    id: 'deepsetInvite',
    answer: {
      invitation_id: INVITATION_ID,
      email: KIM.email,
      given_name: KIMS_NAMES.givenName,
      family_name: KIMS_NAMES.familyName,
      role: 'VIEWER',
      organization_id: ACME.id,
      workspace_ids: [WEBSITE_ID],
      status: 'PENDING',
      expires_at: EXPIRY,
    },
    refusals: {
      ...OF_EVERY_ROUTE,
      402: refusal(
        'Inviting is not in the plan, or no seat is left.',
        "Inviting people is not in this organisation's plan. Ask the platform's staff.",
      ),
      409: refusal(
        'The person belongs to the organisation already.',
        'This person belongs to the organisation already. Change their role instead.',
      ),
      413: problem('The body is too large.', 'body_too_large'),
      415: problem('The body is not JSON.', 'unsupported_media_type'),
      422: refusal('The request is not valid.', [INVALID_ROLE]),
      429: refusal(
        'The person got a mail a moment ago, or a sending limit is reached.',
        'This person got a mail a moment ago. Try again in 42 seconds.',
        'Retry-After',
      ),
    },
  },
  'GET /organization/{organisationId}/roles': {
    id: 'deepsetListRoles',
    answer: {
      data: [
        {
          role_id: MEMBER.id,
          key: MEMBER.key,
          name: MEMBER.name,
          scope: 'ORGANISATION',
          permissions: ['organisation:read', 'members:read', 'roles:read'],
        },
      ],
      has_more: true,
      total: 12,
    },
    refusals: { ...OF_EVERY_ROUTE, 422: refusal('The request is not valid.', [INVALID_LIMIT]) },
  },
};
