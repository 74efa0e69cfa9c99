/*
 * A transcription of facts: what Activepieces publishes of `POST /v1/user-invitations` (201), which is the law,
 * and of what its clients call around it. Formats are on, as every text that is a time or an id here is one.
 */

const text = { type: 'string' };
const time = { type: 'string', format: 'date-time' };
const id = { type: 'string', format: 'uuid' };
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

const PROJECT_ROLE = {
  type: 'object',
  properties: {
    id,
    created: time,
    updated: time,
    name: text,
    permissions: { type: 'array', items: text },
    platformId: orNull(id),
    type: text,
    userCount: { type: 'number' },
  },
  required: ['id', 'created', 'updated', 'name', 'permissions', 'type'],
  additionalProperties: false,
};

export const USER_INVITATION = {
  type: 'object',
  properties: {
    id,
    created: time,
    updated: time,
    email: { type: 'string', format: 'email' },
    status: { type: 'string', enum: ['PENDING', 'ACCEPTED'] },
    type: { type: 'string', enum: ['PLATFORM', 'PROJECT'] },
    platformId: id,
    platformRole: orNull({ type: 'string', enum: ['ADMIN', 'MEMBER', 'OPERATOR'] }),
    projectId: orNull(id),
    projectRoleId: orNull(id),
    projectRole: orNull(PROJECT_ROLE),
    link: { type: 'string', format: 'uri' },
  },
  required: ['id', 'created', 'updated', 'email', 'status', 'type', 'platformId'],
  additionalProperties: false,
};

/** In lists and after acceptance there is no link. */
const { link: _link, ...withoutLink } = USER_INVITATION.properties;
export const USER_INVITATION_WITHOUT_LINK = { ...USER_INVITATION, properties: withoutLink };

export const USER_INVITATION_LIST = {
  type: 'object',
  properties: {
    data: { type: 'array', items: USER_INVITATION_WITHOUT_LINK },
    next: orNull(text),
    previous: orNull(text),
  },
  required: ['data', 'next', 'previous'],
  additionalProperties: false,
};

export const ERROR = {
  type: 'object',
  properties: {
    code: text,
    params: { type: 'object', properties: { message: text }, required: ['message'] },
  },
  required: ['code', 'params'],
  additionalProperties: false,
};
