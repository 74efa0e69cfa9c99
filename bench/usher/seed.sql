-- Into Usher's own migrated schema. :names are numbers, see world.mjs.
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT ('0000' || kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
-- Random, as the ids of users are.
CREATE FUNCTION pg_temp.person(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT overlay(overlay(md5('person ' || n) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid $$;
CREATE FUNCTION pg_temp.hash(secret text) RETURNS bytea LANGUAGE sql IMMUTABLE AS
  $$ SELECT sha256(convert_to(secret, 'UTF8')) $$;

INSERT INTO organisations (id, short_id, name)
SELECT pg_temp.id('0001', n), translate(lpad(n::text, 8, '0'), '0123456789', 'abcdefghjk'), 'Organisation ' || n
FROM (SELECT generate_series(1, 7) UNION ALL SELECT generate_series(:firstOfMany, :firstOfMany + :many - 1)) AS o (n);

INSERT INTO organisations (id, short_id, name, seat_limit)
SELECT pg_temp.id('0001', n), translate(lpad(n::text, 8, '0'), '0123456789', 'abcdefghjk'), 'Organisation ' || n, 100000
FROM generate_series(:firstWithSeats, :firstWithSeats + :seats - 1) AS n;

INSERT INTO projects (id, organisation_id, name)
VALUES (pg_temp.id('0005', 1), pg_temp.id('0001', 7), 'Website'), (pg_temp.id('0005', 2), pg_temp.id('0001', 7), 'Again'),
  (pg_temp.id('0005', 3), pg_temp.id('0001', 6), 'Gate');

INSERT INTO users (id, email, email_verified_at, given_name, family_name)
SELECT pg_temp.person(n), 'p' || n || '@example.com', now(), 'Given ' || n, 'Family ' || n
FROM (SELECT generate_series(1, 2)
  UNION ALL SELECT generate_series(:firstOfCrowd + 1, :firstOfCrowd + :crowd - 1)
  UNION ALL SELECT generate_series(:firstNewcomer + 1, :firstNewcomer + :door)) AS p (n);

-- Everybody who asks has just been here: writing down their last use is not part of what is measured.
INSERT INTO sessions (id, user_id, token_hash, last_used_at, expires_at)
SELECT gen_random_uuid(), user_id, pg_temp.hash('uss_' || lpad(n::text, 43, '0')), now() + interval '1 day', now() + interval '20 days'
FROM (SELECT n, pg_temp.person(n) FROM generate_series(1, 2) AS n
  UNION ALL SELECT 3, id FROM users WHERE platform_role = 'ADMIN'
  UNION ALL SELECT n, pg_temp.person(n) FROM generate_series(:firstNewcomer + 1, :firstNewcomer + :door) AS n) AS p (n, user_id);

INSERT INTO memberships (organisation_id, user_id, role_id, joined_at)
SELECT pg_temp.id('0001', n), pg_temp.person(1), '00000000-0000-4000-8000-0000000000a1'::uuid, now() - interval '30 days' FROM (SELECT generate_series(1, 7) UNION ALL SELECT generate_series(:firstWithSeats, :firstWithSeats + :seats - 1)) AS o (n)
UNION ALL
SELECT pg_temp.id('0001', n), pg_temp.person(:firstOfCrowd + member), '00000000-0000-4000-8000-0000000000a3'::uuid, now() - member * interval '1 hour'
FROM generate_series(:firstWithSeats, :firstWithSeats + :seats - 1) AS n, generate_series(1, 19) AS member
UNION ALL
SELECT pg_temp.id('0001', 4), pg_temp.person(n), '00000000-0000-4000-8000-0000000000a3'::uuid, now() - n * interval '1 second'
FROM generate_series(:firstOfCrowd + 1, :firstOfCrowd + :crowd - 1) AS n
UNION ALL
SELECT pg_temp.id('0001', n), pg_temp.person(2), '00000000-0000-4000-8000-0000000000a3'::uuid, now() - n * interval '1 second'
FROM generate_series(:firstOfMany, :firstOfMany + :many - 1) AS n;

CREATE TEMPORARY TABLE invited AS
SELECT pg_temp.id(kind, n) AS id, pg_temp.id('0001', organisation) AS organisation_id, pg_temp.id(place_kind, place) AS place,
  CASE place_kind WHEN '0005' THEN 'PROJECT' ELSE 'ORGANISATION' END AS type, pg_temp.id('0005', project) AS project_id,
  gen_random_uuid() AS invitee_id, gen_random_uuid() AS mail_id,
  CASE kind WHEN '00a4' THEN 'p' || (:firstNewcomer + n) ELSE prefix || n END || '@example.com' AS email,
  CASE kind WHEN '00a4' THEN lpad(n::text, 43, '0') WHEN '00a5' THEN lpad(n::text, 43, 'g') ELSE kind || n END AS token,
  now() - (size - n) * interval '1 second' AS created_at
FROM (VALUES ('00a1', 1, '0001', 1, NULL, 'i', :small), ('00a2', 2, '0001', 2, NULL, 'i', :large), ('00a3', 3, '0001', 3, NULL, 'i', :huge),
  ('00a4', 5, '0001', 5, NULL, '', :door), ('00a5', 6, '0001', 6, 3, 'g', :gate), ('00a6', 7, '0005', 2, 2, 'a', :again))
  AS o (kind, organisation, place_kind, place, project, prefix, size)
CROSS JOIN LATERAL generate_series(1, size) AS n;

INSERT INTO invitees (organisation_id, email, id) SELECT organisation_id, email, invitee_id FROM invited;

INSERT INTO mail_messages (id, tenant_id, subject_id, to_address, content, message_id, status, attempts, last_attempt_at, send_before, recipient_limit, created_at)
SELECT mail_id, organisation_id, id, email,
  jsonb_build_object('subject', 'You are invited', 'language', 'en', 'heading', 'You are invited', 'paragraphs', '[]'::jsonb, 'closing', '[]'::jsonb),
  '<' || mail_id || '@localhost>', 'SENT', 1, created_at, created_at + interval '30 days', 5, created_at
FROM invited;

INSERT INTO invitations (id, organisation_id, place, type, email, invitee_id, token_hash, role_id, locale, invited_by_type, invited_by_id,
  mail_message_id, expiry_hours, expires_at, created_at, updated_at)
SELECT id, organisation_id, place, type, email, invitee_id, pg_temp.hash(token),
  CASE type WHEN 'ORGANISATION' THEN '00000000-0000-4000-8000-0000000000a3'::uuid END, 'en', 'user',
  pg_temp.person(1), mail_id, 720, now() + interval '30 days', created_at, created_at
FROM invited ORDER BY id;

INSERT INTO invitation_grants (invitation_id, organisation_id, project_id, role_id)
SELECT id, organisation_id, project_id, '00000000-0000-4000-8000-0000000000b3'::uuid FROM invited WHERE project_id IS NOT NULL ORDER BY id;
