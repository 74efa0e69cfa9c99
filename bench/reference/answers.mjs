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
  role: role(row),
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
const roleShape = object({ id: text, key: text, name: text });
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
  role: roleShape,
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
export const acceptedShape = object({ memberships: list(membershipShape), redirectUrl: perhaps });
export const bulkShape = object({
  results: list(object({ index: number, email: text, outcome: text, invitation: invitationShape })),
});
