-- The same people, organisations and invitations in better-auth's own migrated schema. :names are numbers, see world.mjs.
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT '0000' || kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0') $$;
-- Random, as its ids are.
CREATE FUNCTION pg_temp.person(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT md5('person ' || n) $$;

INSERT INTO organization (id, name, slug, "createdAt")
SELECT pg_temp.id('0001', n), 'Organisation ' || n, 'organisation-' || n, now()
FROM (SELECT generate_series(1, 5) UNION ALL SELECT generate_series(:firstOfMany, :firstOfMany + :many - 1)) AS o (n);

-- `i1` to `i100` are users as well: it shows an invitation to the person invited alone.
INSERT INTO "user" (id, name, email, "emailVerified")
SELECT pg_temp.person(n), 'Given ' || n || ' Family ' || n, 'p' || n || '@example.com', true
FROM (SELECT generate_series(1, 2)
  UNION ALL SELECT generate_series(:firstOfCrowd + 1, :firstOfCrowd + :crowd - 1)
  UNION ALL SELECT generate_series(:firstNewcomer + 1, :firstNewcomer + :door)) AS p (n)
UNION ALL SELECT pg_temp.person(10000 + n), 'Invited ' || n, 'i' || n || '@example.com', true FROM generate_series(1, 100) AS n;

INSERT INTO session (id, "expiresAt", token, "updatedAt", "userId")
SELECT md5('session ' || n), now() + interval '7 days', lpad(n::text, 32, '0'), now(), pg_temp.person(n)
FROM (SELECT generate_series(1, 2) UNION ALL SELECT generate_series(10001, 10100)
  UNION ALL SELECT generate_series(:firstNewcomer + 1, :firstNewcomer + :door)) AS p (n);

INSERT INTO member (id, "organizationId", "userId", role, "createdAt")
SELECT md5('owner ' || n), pg_temp.id('0001', n), pg_temp.person(1), 'owner', now() - interval '30 days' FROM generate_series(1, 5) AS n
UNION ALL
SELECT md5('crowd ' || n), pg_temp.id('0001', 4), pg_temp.person(n), 'member', now() - n * interval '1 second'
FROM generate_series(:firstOfCrowd + 1, :firstOfCrowd + :crowd - 1) AS n
UNION ALL
SELECT md5('many ' || n), pg_temp.id('0001', n), pg_temp.person(2), 'member', now() - n * interval '1 second'
FROM generate_series(:firstOfMany, :firstOfMany + :many - 1) AS n;

INSERT INTO invitation (id, "organizationId", email, role, status, "expiresAt", "createdAt", "inviterId")
SELECT pg_temp.id(kind, n), pg_temp.id('0001', place),
  CASE kind WHEN '00a4' THEN 'p' || (:firstNewcomer + n) || '@example.com' ELSE 'i' || n || '@example.com' END,
  'member', 'pending', now() + interval '30 days', now() - (size - n) * interval '1 second', pg_temp.person(1)
FROM (VALUES ('00a1', 1, :small), ('00a2', 2, :large), ('00a3', 3, :huge), ('00a4', 5, :door)) AS o (kind, place, size)
CROSS JOIN LATERAL generate_series(1, size) AS n;
