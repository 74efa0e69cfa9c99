/**
 * What deepset's page "Invite User To Organization" (POST /api/v1/organization/{organization_id}/invitation) says,
 * as JSON Schemas. A transcription of facts: nothing is added, and nothing is stricter than there.
 */
export const REQUEST = {
  type: 'object',
  title: 'User Invitation',
  required: ['given_name', 'family_name', 'email', 'role'],
  properties: {
    email: { type: 'string' },
    family_name: { type: 'string' },
    given_name: { type: 'string' },
    role: { type: 'string' },
    workspace_ids: { type: 'array', default: [], items: { type: 'string', format: 'uuid' } },
  },
};

/** 201: any JSON. */
const INVITED = {};

/** 422. */
const VALIDATION_ERROR = {
  type: 'object',
  title: 'HTTPValidationError',
  properties: {
    detail: {
      type: 'array',
      items: {
        type: 'object',
        title: 'ValidationError',
        required: ['loc', 'msg', 'type'],
        properties: {
          ctx: { type: 'object' },
          input: {},
          loc: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
          msg: { type: 'string' },
          type: { type: 'string' },
        },
      },
    },
  },
};

/** The page gives no body for the others; `{detail: string}` is what deepset's framework answers. */
const ERROR = {
  type: 'object',
  required: ['detail'],
  properties: { detail: { type: 'string', minLength: 1 } },
  additionalProperties: false,
};

/** By status. 402, 409 and 503 are the page's own; 401, 403, 404 and 429 it leaves out. */
export const RESPONSES: Readonly<Record<number, object>> = {
  201: INVITED,
  422: VALIDATION_ERROR,
  ...Object.fromEntries([401, 402, 403, 404, 409, 429, 503].map((status) => [status, ERROR])),
};
