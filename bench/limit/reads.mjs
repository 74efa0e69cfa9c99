// Pages and single things, as their columns; `answers.mjs` makes answers of them.
const INVITATION = `
  i.id, i.type, CASE WHEN i.status = 'PENDING' AND i.expires_at <= now() THEN 'EXPIRED' ELSE i.status END AS status, i.email,
  i.given_name, i.family_name, o.id AS o_id, o.short_id AS o_short_id, o.name AS o_name, i.platform_role, i.role_id,
  r.id AS r_id, r.key AS r_key, r.name AS r_name, i.invited_by_type, u.id AS u_id, concat_ws(' ', u.given_name, u.family_name) AS u_name,
  i.invitee_id, i.message, i.locale, i.redirect_url, i.metadata, d.status AS d_status, d.attempts, d.last_attempt_at, d.next_attempt_at, d.last_error,
  i.send_count, i.expires_at, i.created_at, i.updated_at, i.accepted_at, i.declined_at, i.revoked_at, i.revoked_reason,
  (SELECT coalesce(json_agg(json_build_object('projectId', p.id, 'name', p.name, 'role', json_build_object('id', pr.id, 'key', pr.key, 'name', pr.name))), '[]')
   FROM invitation_grants g JOIN projects p ON p.id = g.project_id JOIN roles pr ON pr.id = g.role_id WHERE g.invitation_id = i.id) AS projects`;
const OF_INVITATION = `
  LEFT JOIN organisations o ON o.id = i.organisation_id LEFT JOIN roles r ON r.id = i.role_id
  LEFT JOIN users u ON u.id = i.invited_by_id LEFT JOIN mail_messages d ON d.id = i.mail_message_id`;

/** $1 invitation. */
export const GET = `SELECT ${INVITATION} FROM invitations i ${OF_INVITATION} WHERE i.id = $1`;

/*
 * Pages: how many is part of the text, and whose they are is hidden from the planner, so that PostgreSQL plans each of these once.
 * With plain parameters it takes each value for worth a plan of its own, which costs as much as the page.
 */

/** The first page. $1 organisation. */
export const listOf = (limit) => `
  SELECT ${INVITATION} FROM (
    SELECT * FROM invitations WHERE organisation_id = (SELECT $1::uuid) ORDER BY created_at DESC, id DESC LIMIT ${limit}) i ${OF_INVITATION}
  ORDER BY i.created_at DESC, i.id DESC`;

/** The first page. $1 organisation. */
export const membersOf = (limit) => `
  SELECT u.id, u.email, u.given_name, u.family_name, r.id AS r_id, r.key AS r_key, r.name AS r_name, m.status, m.joined_at
  FROM (SELECT * FROM memberships WHERE organisation_id = (SELECT $1::uuid) ORDER BY joined_at, user_id LIMIT ${limit}) m
  JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id ORDER BY m.joined_at, m.user_id`;

const PROJECTS = (memberships) => `
  (SELECT coalesce(json_agg(json_build_object('projectId', p.id, 'name', p.name, 'role', json_build_object('id', pr.id, 'key', pr.key, 'name', pr.name))), '[]')
   FROM ${memberships} pm JOIN projects p ON p.id = pm.project_id JOIN roles pr ON pr.id = pm.role_id
   WHERE pm.organisation_id = m.organisation_id AND pm.user_id = m.user_id) AS projects`;
/** `memberships`: where project memberships are read from. */
export const membershipColumns = (memberships = 'project_memberships') => `
  o.id AS o_id, o.short_id AS o_short_id, o.name AS o_name, r.id AS r_id, r.key AS r_key, r.name AS r_name, m.status, m.joined_at,
  ${PROJECTS(memberships)}`;

/** $1 hash of the user's session. */
export const membershipsOf = (limit) => `
  SELECT ${membershipColumns()} FROM (SELECT * FROM memberships WHERE user_id = (SELECT user_id FROM sessions WHERE token_hash = $1) ORDER BY joined_at, organisation_id LIMIT ${limit}) m
  JOIN organisations o ON o.id = m.organisation_id JOIN roles r ON r.id = m.role_id ORDER BY m.joined_at, m.organisation_id`;
