// Inviting, as one statement that decides and writes. What must be seen after waiting for it is locked by a statement of its own before.
export const DAY = `(now() AT TIME ZONE 'UTC')::date`;
export const COUNT = `ON CONFLICT (subject, day, slot) DO UPDATE SET hits = c.hits + excluded.hits`;
export const HITS = (subject) =>
  `(SELECT coalesce(sum(hits), 0) FROM sending_counters WHERE subject = ${subject} AND day = ${DAY})`;

/** $1 organisation. Two that want its last seat come one after the other. */
export const LOCK_ORGANISATION = 'SELECT FROM organisations WHERE id = $1 FOR NO KEY UPDATE';
/** $1 project, $2 address. */
export const LOCK_OPEN = `SELECT FROM invitations WHERE place = $1 AND email = $2 AND status = 'PENDING' FOR NO KEY UPDATE`;
/** $1 organisation, $2 user, $3 project. */
export const LOCK_IN_PROJECT =
  'SELECT FROM project_memberships WHERE organisation_id = $1 AND user_id = $2 AND project_id = $3 FOR SHARE';

/** The inviter, the organisation and the platform; `project`: the parameter with the project. */
export const me = (project) => `
  SELECT m.user_id, concat_ws(' ', u.given_name, u.family_name) AS name, o.id AS o_id, o.short_id, o.name AS o_name, o.invitations_enabled, o.seat_limit,
    ${project ? `r.permissions || coalesce(pr.permissions, '{}') AS permissions, x.id AS x_id, x.kind, x.name AS x_name` : 'r.permissions'},
    coalesce((o.settings ->> 'invitationExpiryHours')::int, p.invitation_expiry_hours) AS hours, coalesce(o.settings ->> 'defaultLocale', p.default_locale) AS locale,
    coalesce((o.settings ->> 'reminderHours')::int, p.reminder_hours) AS lead, p.id AS p_id, p.created_at AS p_created_at,
    (p.limits ->> 'mailsPerRecipientPerDay')::int AS per_recipient, (p.limits ->> 'invitationsPerInviterPerDay')::int AS per_inviter,
    (p.limits ->> 'invitationsPerOrganisationPerDay')::int AS per_organisation
  FROM memberships m JOIN organisations o ON o.id = m.organisation_id AND o.status = 'ACTIVE' JOIN roles r ON r.id = m.role_id
  JOIN users u ON u.id = m.user_id CROSS JOIN platform p
  ${
    project
      ? `JOIN projects x ON x.id = ${project} AND x.organisation_id = o.id
  LEFT JOIN project_memberships pm ON pm.organisation_id = o.id AND pm.project_id = x.id AND pm.user_id = m.user_id LEFT JOIN roles pr ON pr.id = pm.role_id`
      : ''
  }
  WHERE m.organisation_id = $1 AND m.user_id = $2 AND m.status = 'ACTIVE' FOR SHARE OF m`;
export const role = (project) =>
  project
    ? `SELECT roles.* FROM roles, me WHERE scope = 'PROJECT' AND lower(key) = lower($3) AND (project_kind IS NULL OR project_kind = kind)
    AND (organisation_id IS NULL OR organisation_id = $1) AND deleted_at IS NULL ORDER BY project_kind NULLS LAST LIMIT 1`
    : `SELECT * FROM roles WHERE scope = 'ORGANISATION' AND key = $3 AND (organisation_id IS NULL OR organisation_id = $1) AND deleted_at IS NULL LIMIT 1`;
export const may = (permission) => `
  SELECT CASE WHEN NOT me.permissions @> '{${permission}}' THEN 'forbidden' WHEN NOT invitations_enabled THEN 'invitations_not_in_plan'
    WHEN role.id IS NULL THEN 'role_not_found' WHEN NOT role.permissions <@ me.permissions THEN 'above_ceiling' ELSE 'ok' END AS code
  FROM me LEFT JOIN role ON true`;

const IS_MEMBER =
  'SELECT FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email = $4 AND m.organisation_id = $1';
/** Active members, and other addresses with an open invitation; who has a seat already needs no other. */
const NO_SEAT = `
  me.seat_limit <= (SELECT count(*) FROM memberships WHERE organisation_id = $1 AND status = 'ACTIVE') + (
    SELECT count(DISTINCT i.email) FROM invitations i WHERE i.organisation_id = $1 AND i.status = 'PENDING' AND i.expires_at > now() AND NOT EXISTS (
      SELECT FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email = i.email AND m.organisation_id = $1 AND m.status = 'ACTIVE'))
  AND NOT EXISTS (SELECT FROM invitations i WHERE i.organisation_id = $1 AND i.email = $4 AND i.status = 'PENDING' AND i.expires_at > now())`;
/** The open one may grant more than its new inviter holds. */
const ABOVE_CEILING = (place) => `EXISTS (
  SELECT FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id JOIN roles r ON r.id = g.role_id
  WHERE i.place = ${place} AND i.email = $4 AND i.status = 'PENDING' AND NOT r.permissions <@ me.permissions)`;

export const REMIND_AT =
  'CASE WHEN lead > 0 AND hours >= 2 * lead THEN now() + make_interval(hours => hours - lead) END';
const NEW_LINK = `
  ON CONFLICT (place, email) WHERE status = 'PENDING' DO UPDATE SET
    previous_token_hash = old.token_hash, previous_reminder_token_hash = old.reminder_token_hash, reminder_token_hash = NULL,
    token_hash = excluded.token_hash, link_shown = false, invited_by_type = excluded.invited_by_type, invited_by_id = excluded.invited_by_id,
    mail_message_id = excluded.mail_message_id, send_count = old.send_count + 1, last_sent_at = now(), updated_at = now(),
    expires_at = now() + make_interval(hours => old.expiry_hours), remind_at = now() + make_interval(hours => old.expiry_hours) - (excluded.expires_at - excluded.remind_at)`;
const PROJECTS = `json_build_array(json_build_object('projectId', x_id, 'name', x_name, 'role', json_build_object('id', role.id, 'key', role.key, 'name', role.name)))`;

/**
 * $1 organisation, $2 inviter, $3 role, $4 address, $5 invitation, $6 hash of the token, $7 mail, $8 its content, $9 sealed token, $10 audit event,
 * $11–$13 keys of counters, $14 their slot, $15 address of the caller, $16 request, $17 project.
 */
function create({ isProject = false, hasSeats = false, isAgain = false }) {
  const place = isProject ? '$17' : '$1';
  const refusals = [
    `WHEN EXISTS (${IS_MEMBER}) THEN 'already_member'`,
    isAgain ? `WHEN ${ABOVE_CEILING(place)} THEN 'above_ceiling'` : '',
    hasSeats ? `WHEN ${NO_SEAT} THEN 'seat_limit_reached'` : `WHEN me.seat_limit IS NOT NULL THEN 'has_seat_limit'`,
  ];
  return `
  WITH me AS MATERIALIZED (${me(isProject ? place : null)}), role AS MATERIALIZED (${role(isProject)}),
  may AS MATERIALIZED (${may(isProject ? 'project-invitations:manage' : 'invitations:manage')}),
  verdict AS MATERIALIZED (SELECT CASE WHEN code <> 'ok' THEN code ${refusals.join(' ')} ELSE code END AS code FROM may, me),
  to_recipient AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT $11, ${DAY}, 0, 1 FROM verdict WHERE code = 'ok'
    ${COUNT} WHERE c.hits < (SELECT per_recipient FROM me) RETURNING 1),
  by_inviter AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT $12, ${DAY}, $14, 1 FROM to_recipient, me WHERE ${HITS('$12')} < per_inviter ${COUNT} RETURNING 1),
  by_organisation AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT $13, ${DAY}, $14, 1 FROM by_inviter, me WHERE ${HITS('$13')} < per_organisation ${COUNT} RETURNING 1),
  lapsed AS (UPDATE invitations SET status = 'EXPIRED', updated_at = now() WHERE place = ${place} AND email = $4 AND status = 'PENDING' AND expires_at <= now() RETURNING 1),
  known AS (SELECT id FROM invitees WHERE organisation_id = $1 AND email = $4),
  newly AS (
    INSERT INTO invitees AS theirs (organisation_id, email, id) SELECT $1, $4, gen_random_uuid() FROM by_organisation WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (organisation_id, email) DO UPDATE SET email = theirs.email RETURNING id),
  invitee AS (SELECT id FROM newly UNION ALL SELECT known.id FROM known, by_organisation),
  i AS (
    INSERT INTO invitations AS old (id, organisation_id, place, type, email, invitee_id, token_hash, role_id, locale, invited_by_type, invited_by_id, mail_message_id, expiry_hours, expires_at, remind_at)
    SELECT $5, $1, ${place}, '${isProject ? 'PROJECT' : 'ORGANISATION'}', $4, invitee.id, $6, ${isProject ? 'NULL' : 'role.id'}, locale, 'user', $2, $7, hours, now() + make_interval(hours => hours), ${REMIND_AT}
    FROM invitee, me, role, (SELECT count(*) FROM lapsed) AS after_lapsed
    ${isAgain ? NEW_LINK : `ON CONFLICT (place, email) WHERE status = 'PENDING' DO NOTHING`} RETURNING *),
  d AS (
    INSERT INTO mail_messages (id, tenant_id, subject_id, to_address, content, sealed_token, message_id, recipient_limit, refusable, send_before)
    SELECT $7, $1, i.id, $4, $8, $9, '<' || $7 || '@localhost>', per_recipient, true, i.expires_at FROM i, me
    RETURNING status, attempts, last_attempt_at, next_attempt_at, last_error),
  ${isProject ? granting(isAgain) : ''}
  ${isAgain ? CANCELLING : ''}
  written AS (
    INSERT INTO audit_events (id, tenant_id, action, actor_type, actor_id, subject_type, subject_id, ${isAgain ? 'before, ' : ''}after, ip, request_id)
    SELECT $10, $1, ${isAgain ? `CASE WHEN i.send_count > 1 THEN 'invitation.resent' ELSE 'invitation.created' END` : `'invitation.created'`}, 'user', $2, 'invitation', i.id,
      ${isAgain ? `${BEFORE}, ` : ''}jsonb_build_object('platformRole', NULL, 'role', ${isProject ? 'NULL' : 'role.key'}, 'projects', ${isProject ? `jsonb_build_array(jsonb_build_object('projectId', $17, 'role', role.key))` : `'[]'::jsonb`}), $15, $16 FROM i, role)
  SELECT verdict.code, i.*, me.o_id, me.short_id AS o_short_id, me.o_name, me.user_id AS u_id, me.name AS u_name,
    role.id AS r_id, role.key AS r_key, role.name AS r_name, role.permissions AS r_permissions, role.organisation_id AS r_organisation_id, me.p_id, me.p_created_at,
    d.status AS d_status, d.attempts, d.last_attempt_at, d.next_attempt_at, d.last_error, ${isProject ? PROJECTS : `'[]'::json`} AS projects
  FROM verdict CROSS JOIN me LEFT JOIN role ON true LEFT JOIN i ON true LEFT JOIN d ON true`;
}

const granting = (isAgain) => `
  g AS (
    INSERT INTO invitation_grants (invitation_id, organisation_id, project_id, role_id) SELECT i.id, $1, $17, role.id FROM i, role
    ${isAgain ? 'ON CONFLICT (invitation_id, project_id) DO UPDATE SET role_id = excluded.role_id' : ''}),`;
/** What the invitation granted: as it was when the statement began. */
const BEFORE = `(SELECT jsonb_build_object('platformRole', NULL, 'role', NULL, 'projects', jsonb_agg(jsonb_build_object('projectId', g.project_id, 'role', r.key)))
      FROM invitation_grants g JOIN roles r ON r.id = g.role_id WHERE g.invitation_id = i.id HAVING count(*) > 0)`;
/** The mail with the old link, and what is not granted any more. */
const CANCELLING = `
  cancelled AS (
    UPDATE mail_messages SET status = 'SKIPPED', sealed_token = NULL, last_error = 'No longer valid when it was due' FROM i
    WHERE subject_id = i.id AND (mail_messages.status || '') IN ('QUEUED', 'SENDING')),
  ungranted AS (DELETE FROM invitation_grants g USING i WHERE g.invitation_id = i.id AND g.project_id <> $17),`;

export const CREATE = create({});
/** After LOCK_ORGANISATION. */
export const CREATE_SEATS = create({ hasSeats: true });
export const CREATE_PROJECT = create({ isProject: true });
export const CREATE_PROJECT_SEATS = create({ isProject: true, hasSeats: true });
/** After LOCK_OPEN: makes it, or sends the open one again. */
export const UPSERT = create({ isProject: true, isAgain: true });
export const UPSERT_SEATS = create({ isProject: true, isAgain: true, hasSeats: true });
