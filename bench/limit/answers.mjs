// Rows as Usher would answer them, and the shapes that Fastify compiles its writers from.
const reference = (prefix) => (row) => ({
  id: row[`${prefix}_id`],
  key: row[`${prefix}_key`],
  name: row[`${prefix}_name`],
});
const role = reference('r');
const organisation = (row) => ({ id: row.o_id, shortId: row.o_short_id, name: row.o_name });
const delivery = (row) => ({
  status: row.d_status,
  attempts: row.attempts,
  lastAttemptAt: row.last_attempt_at,
  nextAttemptAt: row.d_status === 'QUEUED' ? row.next_attempt_at : null,
  lastError: row.last_error,
});

export const invitation = (row) => ({
  id: row.id,
  type: row.type,
  status: row.status,
  email: row.email,
  givenName: row.given_name,
  familyName: row.family_name,
  organisation: organisation(row),
  platformRole: row.platform_role,
  role: row.role_id && role(row),
  projects: row.projects,
  invitedBy: { type: row.invited_by_type, id: row.u_id, name: row.u_name },
  inviteeId: row.invitee_id,
  message: row.message,
  locale: row.locale,
  redirectUrl: row.redirect_url,
  metadata: row.metadata,
  delivery: row.d_status && delivery(row),
  sendCount: row.send_count,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  acceptedAt: row.accepted_at,
  declinedAt: row.declined_at,
  revokedAt: row.revoked_at,
  revokedReason: row.revoked_reason,
});

export const member = (row) => ({
  user: { id: row.id, email: row.email, givenName: row.given_name, familyName: row.family_name },
  role: role(row),
  status: row.status,
  joinedAt: row.joined_at,
});

export const membership = (row) => ({
  organisation: organisation(row),
  role: role(row),
  status: row.status,
  joinedAt: row.joined_at,
  projects: row.projects,
});

/** In the words of Activepieces. */
export const userInvitation = (row) => ({
  id: row.id,
  created: row.created_at,
  updated: row.updated_at,
  email: row.email,
  status: 'PENDING',
  type: 'PROJECT',
  platformId: row.p_id,
  platformRole: null,
  projectId: row.place,
  projectRoleId: row.r_id,
  projectRole: {
    id: row.r_id,
    created: row.p_created_at,
    updated: row.p_created_at,
    name: row.r_name,
    permissions: row.r_permissions,
    platformId: row.r_organisation_id && row.p_id,
    type: row.r_organisation_id ? 'CUSTOM' : 'DEFAULT',
  },
});

/** A page, and where the next one begins. */
export const page = (rows, limit, shown, keyset) => ({
  data: rows.slice(0, limit).map(shown),
  nextCursor: rows.length > limit ? Buffer.from(JSON.stringify(keyset(rows[limit - 1]))).toString('base64url') : null,
});

const text = { type: 'string' };
const perhaps = { type: 'string', nullable: true };
const number = { type: 'integer' };
const moment = { type: 'string', format: 'date-time' };
const noMoment = { ...moment, nullable: true };
const object = (properties, more) => ({ type: 'object', properties, ...more });
const list = (items) => ({ type: 'array', items });
const ROLE = { id: text, key: text, name: text };
const roleShape = object(ROLE);
const organisationShape = object({ id: text, shortId: text, name: text });
const projectsShape = list(object({ projectId: text, name: text, role: roleShape }));

export const invitationShape = object({
  id: text,
  type: text,
  status: text,
  email: text,
  givenName: perhaps,
  familyName: perhaps,
  organisation: organisationShape,
  platformRole: perhaps,
  role: object(ROLE, { nullable: true }),
  projects: projectsShape,
  invitedBy: object({ type: text, id: text, name: text }),
  inviteeId: text,
  message: perhaps,
  locale: text,
  redirectUrl: perhaps,
  metadata: object({}, { additionalProperties: true }),
  delivery: object(
    { status: text, attempts: number, lastAttemptAt: noMoment, nextAttemptAt: noMoment, lastError: perhaps },
    { nullable: true },
  ),
  sendCount: number,
  expiresAt: moment,
  createdAt: moment,
  updatedAt: moment,
  acceptedAt: noMoment,
  declinedAt: noMoment,
  revokedAt: noMoment,
  revokedReason: perhaps,
});
const memberShape = object({
  user: object({ id: text, email: text, givenName: perhaps, familyName: perhaps }),
  role: roleShape,
  status: text,
  joinedAt: moment,
});
const membershipShape = object({
  organisation: organisationShape,
  role: roleShape,
  status: text,
  joinedAt: moment,
  projects: projectsShape,
});
const pageOf = (row) => object({ data: list(row), nextCursor: perhaps });

export const invitationsShape = pageOf(invitationShape);
export const membersShape = pageOf(memberShape);
export const membershipsShape = pageOf(membershipShape);
/** `session`: of an account that was made now. */
export const acceptedShape = object({
  memberships: list(membershipShape),
  redirectUrl: perhaps,
  session: object({ token: text, expiresAt: moment }),
});
const projectRoleShape = object({
  ...{
    id: text,
    created: moment,
    updated: moment,
    name: text,
    permissions: list(text),
    platformId: perhaps,
    type: text,
  },
});
export const userInvitationShape = object({
  ...{
    id: text,
    created: moment,
    updated: moment,
    email: text,
    status: text,
    type: text,
    platformId: text,
    platformRole: perhaps,
  },
  ...{ projectId: text, projectRoleId: text, projectRole: projectRoleShape },
});
export const bulkShape = object({
  results: list(object({ index: number, email: text, outcome: text, invitation: invitationShape })),
});
