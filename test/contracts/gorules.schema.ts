// A transcription of facts: what GoRules publishes of `POST /api/users/{userId}/invitation`, and of the lists around it what its clients read.

const uuid = { type: 'string', format: 'uuid' };
const email = { type: 'string', format: 'email' };
const time = { type: 'string', format: 'date-time' };
const timeOrNull = { type: ['string', 'null'], format: 'date-time' };
const status = { enum: ['pending', 'accepted'] };

/** The page allows further properties; that there are none is ours. Times are said to be strings alone; that they are ISO 8601 is ours. */
export const INVITATION = {
  type: 'object',
  properties: { id: uuid, email, status, userId: uuid, createdAt: time, expiresAt: timeOrNull },
  required: ['id', 'email', 'status', 'userId', 'createdAt'],
  additionalProperties: false,
};

export const INVITATIONS = { type: 'array', items: INVITATION };

const count = { type: 'integer', minimum: 0 };
const paginate = {
  type: 'object',
  properties: { current: count, from: count, to: count, total: count, pageSize: count },
  required: ['current', 'from', 'to', 'total', 'pageSize'],
  additionalProperties: false,
};

const pageOf = (row: object) => ({
  type: 'object',
  properties: { results: { type: 'array', items: row }, paginate },
  required: ['results', 'paginate'],
  additionalProperties: false,
});

export const INVITATION_PAGE = pageOf({
  type: 'object',
  properties: {
    id: uuid,
    email,
    expiresAt: timeOrNull,
    createdAt: time,
    acceptedAt: timeOrNull,
    status,
    createdBy: { type: ['object', 'null'] },
    user: { type: 'object', properties: { id: uuid, email }, required: ['id', 'email'] },
    organisation: { type: 'object', properties: { id: uuid, name: { type: 'string' } }, required: ['id', 'name'] },
  },
  required: [
    ...['id', 'email', 'expiresAt', 'createdAt', 'acceptedAt'],
    ...['status', 'createdBy', 'user', 'organisation'],
  ],
  additionalProperties: false,
});

export const USER_PAGE = pageOf({
  type: 'object',
  properties: {
    id: uuid,
    email,
    type: { enum: ['invited', 'member', 'author', 'admin', 'owner'] },
    status: { enum: ['active', 'disabled', 'locked'] },
    createdAt: time,
    updatedAt: time,
    firstName: { type: ['string', 'null'] },
    lastName: { type: ['string', 'null'] },
    isService: { type: 'boolean' },
    roles: { type: 'array', items: { type: 'object' } },
  },
  required: [
    ...['id', 'email', 'type', 'status', 'createdAt', 'updatedAt'],
    ...['firstName', 'lastName', 'isService', 'roles'],
  ],
  additionalProperties: false,
});

/** The vendor documents no errors: they are Usher's own, RFC 9457. */
export const PROBLEM = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', pattern: '^[a-z_]+$' },
    detail: { type: 'string', minLength: 1 },
    requestId: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
};
