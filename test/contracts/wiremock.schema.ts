/*
 * What WireMock Cloud publishes of "Invite a user to an organisation" (OpenAPI 3.1, read in 2026), transcribed: facts of a
 * wire format, without its prose. Where it allows further fields, so does this.
 */

const text = { type: 'string' };

const ROLES = [
  'organisation_admin',
  'organisation_member',
  'team_admin',
  'team_member',
  'mock_api_admin',
  'mock_api_editor',
  'mock_api_user',
  'api_template_admin',
  'api_template_editor',
  'api_template_user',
  'api_template_catalogue_admin',
  'api_template_catalogue_editor',
  'api_template_catalogue_user',
  'data_source_admin',
  'data_source_editor',
  'data_source_user',
  'key_admin',
  'key_editor',
  'key_user',
];

/** A path's organisationId. */
export const ID_SCHEMA = { type: 'string', minLength: 5, maxLength: 10 };

export const INVITATION_REQUEST = {
  type: 'object',
  required: ['invitation'],
  properties: {
    invitation: {
      type: 'object',
      required: ['recipientEmailAddress', 'role'],
      properties: {
        role: { type: 'string', enum: ROLES },
        aclObjectId: { type: ['string', 'null'] },
        recipientEmailAddress: text,
      },
    },
  },
};

export const INVITATION_DATA = {
  type: 'object',
  required: ['created', 'id', 'links', 'newUser', 'recipientEmailAddress', 'role', 'senderId'],
  properties: {
    id: text,
    senderId: text,
    recipientEmailAddress: text,
    newUser: { type: 'boolean' },
    role: { type: 'string', enum: ROLES },
    aclObjectId: { type: ['string', 'null'] },
    created: text,
    links: { type: 'object', required: ['self'], properties: { self: text } },
  },
};

/** The answer to inviting, 201. */
export const INVITATION = {
  type: 'object',
  required: ['invitation'],
  properties: { invitation: INVITATION_DATA },
};

/** Not published; as its name for the same path suggests. */
export const INVITATIONS = {
  type: 'object',
  required: ['invitations'],
  properties: { invitations: { type: 'array', items: INVITATION_DATA } },
};

/** Requests as the page shows them, but for the ids, which are each installation's own. */
export const EXAMPLE_REQUESTS = {
  main: { invitation: { role: 'organisation_admin', recipientEmailAddress: 'docsmember2@example.com' } },
  withAclObject: (aclObjectId: string) => ({
    invitation: { role: 'team_member', aclObjectId, recipientEmailAddress: 'docsmember2@example.com' },
  }),
};

/** As in `2024-10-30T19:28:23.802551Z`. */
export const CREATED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
