// A thousand invitations in one statement. The scenario asks it where seats are not limited.
import { COUNT, DAY, HITS, may, me, REMIND_AT, role } from './create.mjs';

/** $1 organisation, $2 inviter, $3 role, $4 addresses, $5 invitations, $6 hashes, $7 mails, $8 content, $9 sealed tokens, $10 audit events, $11 keys of recipients' counters, $12 and $13 the others, $14 slot, $15 address of the caller, $16 request. */
export const BULK = `
  WITH me AS MATERIALIZED (${me()}), role AS (${role()}), may AS MATERIALIZED (${may('invitations:manage')}),
  wanted AS MATERIALIZED (
    SELECT w.*, invitees.id AS known FROM unnest($4::text[], $5::uuid[], $6::bytea[], $7::uuid[], $9::bytea[], $10::uuid[], $11::text[])
      AS w (email, id, token_hash, mail, sealed, event, counter)
    LEFT JOIN invitees ON invitees.organisation_id = $1 AND invitees.email = w.email
    WHERE (SELECT code FROM may) = 'ok' AND (SELECT seat_limit FROM me) IS NULL AND NOT EXISTS (SELECT FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email = w.email AND m.organisation_id = $1)
      AND ${HITS('$12')} < (SELECT per_inviter FROM me) AND ${HITS('$13')} < (SELECT per_organisation FROM me)),
  to_recipients AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits) SELECT counter, ${DAY}, 0, 1 FROM wanted
    ${COUNT} WHERE c.hits < (SELECT per_recipient FROM me) RETURNING subject),
  lapsed AS (
    UPDATE invitations i SET status = 'EXPIRED', updated_at = now() FROM wanted
    WHERE i.place = $1 AND i.email = wanted.email AND i.status = 'PENDING' AND i.expires_at <= now() RETURNING 1),
  newly AS (INSERT INTO invitees (organisation_id, email, id) SELECT $1, email, gen_random_uuid() FROM wanted WHERE known IS NULL RETURNING email, id),
  i AS (
    INSERT INTO invitations (id, organisation_id, place, type, email, invitee_id, token_hash, role_id, locale, invited_by_type, invited_by_id, mail_message_id, expiry_hours, expires_at, remind_at)
    SELECT w.id, $1, $1, 'ORGANISATION', w.email, coalesce(w.known, newly.id), w.token_hash, role.id, locale, 'user', $2, w.mail, hours, now() + make_interval(hours => hours), ${REMIND_AT}
    FROM wanted w JOIN to_recipients t ON t.subject = w.counter LEFT JOIN newly ON newly.email = w.email, me, role, (SELECT count(*) FROM lapsed) AS after_lapsed
    ON CONFLICT (place, email) WHERE status = 'PENDING' DO NOTHING RETURNING *),
  counted AS (
    INSERT INTO sending_counters AS c (subject, day, slot, hits)
    SELECT subject, ${DAY}, $14, n FROM (SELECT count(*)::int FROM i) AS made (n), unnest(ARRAY[$12, $13]) AS k (subject) WHERE n > 0 ${COUNT}),
  d AS (
    INSERT INTO mail_messages (id, tenant_id, subject_id, to_address, content, sealed_token, message_id, recipient_limit, refusable, send_before)
    SELECT i.mail_message_id, $1, i.id, i.email, $8, w.sealed, '<' || i.mail_message_id || '@localhost>', per_recipient, true, i.expires_at FROM i JOIN wanted w ON w.id = i.id, me
    RETURNING id, status, attempts, last_attempt_at, next_attempt_at, last_error),
  written AS (
    INSERT INTO audit_events (id, tenant_id, action, actor_type, actor_id, subject_type, subject_id, after, ip, request_id)
    SELECT w.event, $1, 'invitation.created', 'user', $2, 'invitation', i.id, jsonb_build_object('platformRole', NULL, 'role', $3, 'projects', '[]'::jsonb), $15, $16 FROM i JOIN wanted w ON w.id = i.id)
  SELECT i.*, me.o_id, me.short_id AS o_short_id, me.o_name, role.id AS r_id, role.key AS r_key, role.name AS r_name, me.user_id AS u_id, me.name AS u_name,
    d.status AS d_status, d.attempts, d.last_attempt_at, d.next_attempt_at, d.last_error, '[]'::json AS projects
  FROM i JOIN d ON d.id = i.mail_message_id, me, role`;
