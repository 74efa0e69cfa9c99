// What the work is, in as few statements as it takes. Named, so that PostgreSQL plans each of them once.
const DAY = `(now() AT TIME ZONE 'UTC')::date`;
const IS_LIVE = `s.expires_at > now() AND s.last_used_at > now() - interval '168 hours'`;

/** $1 hash of the session, $2 organisation. */
export const GUARD = `
  SELECT u.id, u.email, m.organisation_id AS "organisationId", coalesce(r.permissions, '{}') AS permissions
  FROM sessions s JOIN users u ON u.id = s.user_id AND u.status = 'ACTIVE'
  LEFT JOIN memberships m ON m.user_id = u.id AND m.organisation_id = $2 AND m.status = 'ACTIVE'
  LEFT JOIN organisations o ON o.id = m.organisation_id AND o.status = 'ACTIVE'
  LEFT JOIN roles r ON r.id = m.role_id AND o.id IS NOT NULL
  WHERE s.token_hash = $1 AND ${IS_LIVE}`;

/** $1 hash of the session, $2 invitation. */
export const GUARD_OF_INVITATION = GUARD.replace(
  '= $2',
  '= (SELECT i.organisation_id FROM invitations i WHERE i.id = $2)',
);

const INVITATION = `
  i.id, i.type, CASE WHEN i.status = 'PENDING' AND i.expires_at <= now() THEN 'EXPIRED' ELSE i.status END AS status, i.email,
  i.given_name, i.family_name, o.id AS o_id, o.short_id AS o_short_id, o.name AS o_name, i.platform_role,
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

const MEMBERSHIP = `
  o.id AS o_id, o.short_id AS o_short_id, o.name AS o_name, r.id AS r_id, r.key AS r_key, r.name AS r_name, m.status, m.joined_at,
  (SELECT coalesce(json_agg(json_build_object('projectId', p.id, 'name', p.name, 'role', json_build_object('id', pr.id, 'key', pr.key, 'name', pr.name))), '[]')
   FROM project_memberships pm JOIN projects p ON p.id = pm.project_id JOIN roles pr ON pr.id = pm.role_id
   WHERE pm.organisation_id = m.organisation_id AND pm.user_id = m.user_id) AS projects`;

/** $1 user. */
export const membershipsOf = (limit) => `
  SELECT ${MEMBERSHIP} FROM (SELECT * FROM memberships WHERE user_id = (SELECT $1::uuid) ORDER BY joined_at, organisation_id LIMIT ${limit}) m
  JOIN organisations o ON o.id = m.organisation_id JOIN roles r ON r.id = m.role_id ORDER BY m.joined_at, m.organisation_id`;

const ME = `
  SELECT m.user_id, concat_ws(' ', u.given_name, u.family_name) AS name, r.permissions, o.id AS o_id, o.short_id, o.name AS o_name, o.invitations_enabled,
    coalesce((o.settings ->> 'invitationExpiryHours')::int, p.invitation_expiry_hours) AS hours, coalesce(o.settings ->> 'defaultLocale', p.default_locale) AS locale,
    (p.limits ->> 'mailsPerRecipientPerDay')::int AS per_recipient, (p.limits ->> 'invitationsPerInviterPerDay')::int AS per_inviter,
    (p.limits ->> 'invitationsPerOrganisationPerDay')::int AS per_organisation
  FROM memberships m JOIN organisations o ON o.id = m.organisation_id AND o.status = 'ACTIVE' JOIN roles r ON r.id = m.role_id
  JOIN users u ON u.id = m.user_id CROSS JOIN platform p
  WHERE m.organisation_id = $1 AND m.user_id = $2 AND m.status = 'ACTIVE' FOR SHARE OF m`;
const ROLE = `
  SELECT id, key, name, permissions FROM roles
  WHERE scope = 'ORGANISATION' AND key = $3 AND (organisation_id IS NULL OR organisation_id = $1) AND deleted_at IS NULL LIMIT 1`;
const MAY = `
  SELECT CASE WHEN NOT me.permissions @> '{invitations:manage}' THEN 'forbidden' WHEN NOT invitations_enabled THEN 'invitations_not_in_plan'
    WHEN role.id IS NULL THEN 'role_not_found' WHEN NOT role.permissions <@ me.permissions THEN 'above_ceiling' ELSE 'ok' END AS code
  FROM me LEFT JOIN role ON true`;
const COUNT = `ON CONFLICT (subject, day, slot) DO UPDATE SET hits = c.hits + excluded.hits`;
const HITS = (subject) =>
  `(SELECT coalesce(sum(hits), 0) FROM sending_counters WHERE subject = ${subject} AND day = ${DAY})`;

/** $1 organisation, $2 inviter, $3 role, $4 address, $5 invitation, $6 hash of the token, $7 mail, $8 its content, $9 sealed token, $10 audit event, $11–$13 keys of counters, $14 their slot. */
export const CREATE = `
  WITH me AS MATERIALIZED (${ME}), role AS (${ROLE}), may AS MATERIALIZED (${MAY}),
  verdict AS MATERIALIZED (SELECT CASE WHEN code = 'ok' AND EXISTS (
    SELECT FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email = $4 AND m.organisation_id = $1) THEN 'already_member' ELSE code END AS code FROM may),
  to_recipient AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT $11, ${DAY}, 0, 1 FROM verdict WHERE code = 'ok'
    ${COUNT} WHERE c.hits < (SELECT per_recipient FROM me) RETURNING 1),
  by_inviter AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT $12, ${DAY}, $14, 1 FROM to_recipient, me WHERE ${HITS('$12')} < per_inviter ${COUNT} RETURNING 1),
  by_organisation AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT $13, ${DAY}, $14, 1 FROM by_inviter, me WHERE ${HITS('$13')} < per_organisation ${COUNT} RETURNING 1),
  lapsed AS (UPDATE invitations SET status = 'EXPIRED', updated_at = now() WHERE place = $1 AND email = $4 AND status = 'PENDING' AND expires_at <= now() RETURNING 1),
  invitee AS (
    INSERT INTO invitees AS known (organisation_id, email, id) SELECT $1, $4, gen_random_uuid() FROM by_organisation
    ON CONFLICT (organisation_id, email) DO UPDATE SET email = known.email RETURNING id),
  i AS (
    INSERT INTO invitations (id, organisation_id, place, type, email, invitee_id, token_hash, role_id, locale, invited_by_type, invited_by_id, mail_message_id, expiry_hours, expires_at)
    SELECT $5, $1, $1, 'ORGANISATION', $4, invitee.id, $6, role.id, locale, 'user', $2, $7, hours, now() + make_interval(hours => hours)
    FROM invitee, me, role, (SELECT count(*) FROM lapsed) AS after_lapsed
    ON CONFLICT (place, email) WHERE status = 'PENDING' DO NOTHING RETURNING *),
  d AS (
    INSERT INTO mail_messages (id, tenant_id, subject_id, to_address, content, sealed_token, message_id, recipient_limit, send_before)
    SELECT $7, $1, i.id, $4, $8, $9, '<' || $7 || '@localhost>', per_recipient, i.expires_at FROM i, me
    RETURNING status, attempts, last_attempt_at, next_attempt_at, last_error),
  written AS (
    INSERT INTO audit_events (id, tenant_id, action, actor_type, actor_id, subject_type, subject_id, after)
    SELECT $10, $1, 'invitation.created', 'user', $2, 'invitation', i.id, jsonb_build_object('role', $3, 'projects', '[]'::jsonb) FROM i)
  SELECT verdict.code, i.*, me.o_id, me.short_id AS o_short_id, me.o_name, role.id AS r_id, role.key AS r_key, role.name AS r_name, me.user_id AS u_id, me.name AS u_name,
    d.status AS d_status, d.attempts, d.last_attempt_at, d.next_attempt_at, d.last_error, '[]'::json AS projects
  FROM verdict CROSS JOIN me LEFT JOIN role ON true LEFT JOIN i ON true LEFT JOIN d ON true`;

/** $1 organisation, $2 inviter, $3 role, $4 addresses, $5 invitations, $6 hashes, $7 mails, $8 content, $9 sealed tokens, $10 audit events, $11 keys of recipients' counters, $12 and $13 the others, $14 slot. */
export const BULK = `
  WITH me AS MATERIALIZED (${ME}), role AS (${ROLE}), may AS MATERIALIZED (${MAY}),
  wanted AS MATERIALIZED (
    SELECT w.*, invitees.id AS known FROM unnest($4::text[], $5::uuid[], $6::bytea[], $7::uuid[], $9::bytea[], $10::uuid[], $11::text[])
      AS w (email, id, token_hash, mail, sealed, event, counter)
    LEFT JOIN invitees ON invitees.organisation_id = $1 AND invitees.email = w.email
    WHERE (SELECT code FROM may) = 'ok' AND NOT EXISTS (SELECT FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email = w.email AND m.organisation_id = $1)
      AND ${HITS('$12')} < (SELECT per_inviter FROM me) AND ${HITS('$13')} < (SELECT per_organisation FROM me)),
  to_recipients AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT counter, ${DAY}, 0, 1 FROM wanted
    ${COUNT} WHERE c.hits < (SELECT per_recipient FROM me) RETURNING subject),
  lapsed AS (
    UPDATE invitations i SET status = 'EXPIRED', updated_at = now() FROM wanted
    WHERE i.place = $1 AND i.email = wanted.email AND i.status = 'PENDING' AND i.expires_at <= now() RETURNING 1),
  newly AS (INSERT INTO invitees (organisation_id, email, id) SELECT $1, email, gen_random_uuid() FROM wanted WHERE known IS NULL RETURNING email, id),
  i AS (
    INSERT INTO invitations (id, organisation_id, place, type, email, invitee_id, token_hash, role_id, locale, invited_by_type, invited_by_id, mail_message_id, expiry_hours, expires_at)
    SELECT w.id, $1, $1, 'ORGANISATION', w.email, coalesce(w.known, newly.id), w.token_hash, role.id, locale, 'user', $2, w.mail, hours, now() + make_interval(hours => hours)
    FROM wanted w JOIN to_recipients t ON t.subject = w.counter LEFT JOIN newly ON newly.email = w.email, me, role, (SELECT count(*) FROM lapsed) AS after_lapsed
    ON CONFLICT (place, email) WHERE status = 'PENDING' DO NOTHING RETURNING *),
  counted AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits)
    SELECT subject, ${DAY}, $14, n FROM (SELECT count(*)::int FROM i) AS made (n), unnest(ARRAY[$12, $13]) AS k (subject) WHERE n > 0 ${COUNT}),
  d AS (
    INSERT INTO mail_messages (id, tenant_id, subject_id, to_address, content, sealed_token, message_id, recipient_limit, send_before)
    SELECT i.mail_message_id, $1, i.id, i.email, $8, w.sealed, '<' || i.mail_message_id || '@localhost>', per_recipient, i.expires_at FROM i JOIN wanted w ON w.id = i.id, me
    RETURNING id, status, attempts, last_attempt_at, next_attempt_at, last_error),
  written AS (
    INSERT INTO audit_events (id, tenant_id, action, actor_type, actor_id, subject_type, subject_id, after)
    SELECT w.event, $1, 'invitation.created', 'user', $2, 'invitation', i.id, jsonb_build_object('role', $3, 'projects', '[]'::jsonb) FROM i JOIN wanted w ON w.id = i.id)
  SELECT i.*, me.o_id, me.short_id AS o_short_id, me.o_name, role.id AS r_id, role.key AS r_key, role.name AS r_name, me.user_id AS u_id, me.name AS u_name,
    d.status AS d_status, d.attempts, d.last_attempt_at, d.next_attempt_at, d.last_error, '[]'::json AS projects
  FROM i JOIN d ON d.id = i.mail_message_id, me, role`;

/** $1 hash of the token, $2 user, $3 their address, $4 audit event. */
export const ACCEPT = `
  WITH found AS MATERIALIZED (
    SELECT i.id, i.status, i.expires_at, i.email, r.permissions AS wanted, coalesce(ir.permissions, '{}') AS held
    FROM invitations i JOIN organisations o ON o.id = i.organisation_id AND o.status = 'ACTIVE' LEFT JOIN roles r ON r.id = i.role_id AND r.deleted_at IS NULL
    LEFT JOIN memberships im ON im.organisation_id = i.organisation_id AND im.user_id = i.invited_by_id AND im.status = 'ACTIVE'
    LEFT JOIN roles ir ON ir.id = im.role_id WHERE i.token_hash = $1),
  verdict AS MATERIALIZED (SELECT id, CASE WHEN status <> 'PENDING' OR expires_at <= now() THEN 'closed' WHEN email <> $3 THEN 'wrong_account'
    WHEN wanted IS NULL OR NOT wanted <@ held OR NOT held @> '{invitations:manage}'
      OR EXISTS (SELECT FROM invitation_grants g JOIN roles gr ON gr.id = g.role_id WHERE g.invitation_id = found.id AND NOT gr.permissions <@ held) THEN 'closed'
    ELSE 'ok' END AS code FROM found),
  taken AS (
    UPDATE invitations i SET status = 'ACCEPTED', accepted_at = now(), accepted_by_id = $2, updated_at = now() FROM verdict v
    WHERE i.id = v.id AND v.code = 'ok' AND i.status = 'PENDING' AND i.expires_at > now() AND i.token_hash = $1 RETURNING i.*),
  m AS (
    INSERT INTO memberships (organisation_id, user_id, role_id) SELECT organisation_id, $2, role_id FROM taken
    ON CONFLICT (organisation_id, user_id) DO UPDATE SET status = memberships.status RETURNING *),
  p AS (
    INSERT INTO project_memberships (organisation_id, project_id, user_id, role_id)
    SELECT taken.organisation_id, g.project_id, $2, g.role_id FROM taken JOIN invitation_grants g ON g.invitation_id = taken.id ON CONFLICT DO NOTHING),
  back AS (UPDATE mail_messages d SET status = 'SKIPPED', sealed_token = NULL FROM taken WHERE d.id = taken.mail_message_id AND d.status IN ('QUEUED', 'SENDING')),
  written AS (
    INSERT INTO audit_events (id, tenant_id, action, actor_type, actor_id, subject_type, subject_id)
    SELECT $4, organisation_id, 'invitation.accepted', 'user', $2, 'invitation', id FROM taken)
  SELECT ${MEMBERSHIP} FROM m JOIN organisations o ON o.id = m.organisation_id JOIN roles r ON r.id = m.role_id`;
