import { type Insertion } from '@usher/database';
import { takingExactly, takingLoosely } from '@usher/mailer';

/** Who acts: a person, or a key that calls for itself. */
export type CallerKind = 'user' | 'api_key';

/** A role with all that it holds. */
export const heldBy = (role: string): string =>
  `json_build_object('id', ${role}.id, 'organisationId', ${role}.organisation_id, 'scope', ${role}.scope,
    'projectKind', ${role}.project_kind, 'key', ${role}.key, 'name', ${role}.name, 'permissions', ${role}.permissions)`;

const IS_LIVE = 'k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())';

/** How a statement names those it reads of. */
interface Named {
  organisation: string;
  /** The id of the person, or of the key. */
  caller: string;
}

const person = ({ organisation, caller }: Named): string => `
  SELECT json_build_object('platformRole', u.platform_role, 'email', u.email, 'givenName', u.given_name,
      'familyName', u.family_name, 'roleId', r.id, 'permissions', r.permissions) AS caller
    FROM users u
    LEFT JOIN memberships m ON m.organisation_id = ${organisation} AND m.user_id = u.id AND m.status = 'ACTIVE'
    LEFT JOIN roles r ON r.id = m.role_id
    WHERE u.id = ${caller} AND u.status = 'ACTIVE'`;

const key = ({ organisation, caller }: Named): string => `
  SELECT json_build_object('platformRole', coalesce(k.platform_role, 'MEMBER'), 'name', k.name, 'roleId', r.id, 'permissions', r.permissions) AS caller
    FROM api_keys k
    LEFT JOIN roles r ON r.id = k.role_id AND r.deleted_at IS NULL AND k.organisation_id = ${organisation}
    WHERE k.id = ${caller} AND ${IS_LIVE}`;

/** All that an ordinary invitation depends on; the long way asks for it in a dozen statements. `roles` are names or ids in lower case. */
const factsFor = (who: string, { organisation, email, roles, projects }: Record<string, string>): string => `
  SELECT now()::timestamptz(3) AS now,
    json_build_object('name', p.name, 'defaultLocale', p.default_locale, 'invitationExpiryHours', p.invitation_expiry_hours,
      'reminderHours', p.reminder_hours, 'limits', p.limits, 'logoOrigins', p.logo_origins, 'redirectOrigins', p.redirect_origins) AS platform,
    json_build_object('id', o.id, 'shortId', o.short_id, 'name', o.name, 'status', o.status, 'settings', o.settings,
      'invitationsEnabled', o.invitations_enabled, 'seatLimit', o.seat_limit) AS organisation,
    who.caller,
    (SELECT json_agg(${heldBy('r')}) FROM roles r WHERE (r.organisation_id IS NULL OR r.organisation_id = o.id) AND r.deleted_at IS NULL
        AND (lower(r.key) = ANY (${roles}) OR r.id::text = ANY (${roles}))) AS roles,
    ${projects} AS projects,
    (SELECT id FROM invitees WHERE organisation_id = o.id AND email = ${email}) AS "inviteeId",
    EXISTS (SELECT 1 FROM users u JOIN memberships m ON m.user_id = u.id
      WHERE u.email = ${email} AND m.organisation_id = o.id) AS "isMember",
    EXISTS (SELECT 1 FROM invitations WHERE place = o.id AND email = ${email} AND status = 'PENDING') AS "isPending"
  FROM organisations o, platform p, (${who}) AS who WHERE o.id = ${organisation}`;

const ASKED = { organisation: '$1', caller: '$2' };
/** `$1` the organisation, `$2` the caller, `$3` the address, `$4` the names of roles, `$5` the projects. */
const WISH = {
  ...ASKED,
  email: '$3',
  roles: '$4',
  projects: `(SELECT json_agg(json_build_object('id', id, 'kind', kind, 'name', name)) FROM projects WHERE organisation_id = $1 AND id = ANY ($5))`,
};

/** Put together once: a text of this length takes time to make, and to be known again. */
export const FACTS: Record<CallerKind, string> = {
  user: factsFor(person(ASKED), WISH),
  api_key: factsFor(key(ASKED), WISH),
};

/** What the guard knows of who calls; in an organisation itself nothing is held by project. */
const KNOWN_CALLER = `SELECT json_build_object('platformRole', access."platformRole", 'email', access.email, 'givenName', access."givenName",
  'familyName', access."familyName", 'name', access."keyName", 'roleId', access."roleId", 'permissions', access.permissions) AS caller`;

/** The same read together with the caller (`access`), of a wish that names no projects: `$3` the address, `$4` the names of roles. */
export const FACTS_ALONG = factsFor(KNOWN_CALLER, {
  organisation: 'access."organisationId"',
  email: '$3',
  roles: '$4::text[]',
  projects: 'NULL::json',
});

/** On what somebody's right to invite stands. */
export type Foothold = 'member' | 'staff' | 'key';

/**
 * Locked, shared, until what they stand for is there: a demotion, suspension or removal waits for it, or it sees them and writes nothing.
 * `$1` the organisation, `$2` who it is, `$3` their role, `$4` what it holds; roles are not locked: one that is narrowed meanwhile is narrowed after it.
 */
const footholds = (key: string): Record<Foothold, string> => ({
  member: `SELECT 1 FROM organisation, users u, memberships m, roles r
    WHERE u.id = $2 AND u.status = 'ACTIVE' AND m.organisation_id = $1 AND m.user_id = u.id AND m.status = 'ACTIVE'
      AND m.role_id = $3 AND r.id = m.role_id AND r.permissions = $4::text[]
    FOR SHARE OF u, m`,
  staff: `SELECT 1 FROM organisation, users u
    WHERE u.id = $2 AND u.status = 'ACTIVE' AND u.platform_role = $3 AND $4::text[] IS NOT NULL
    FOR SHARE OF u`,
  key: `SELECT 1 FROM organisation, api_keys k
    LEFT JOIN roles r ON r.id = k.role_id AND r.deleted_at IS NULL
    WHERE k.id = $2 AND ${key} AND coalesce(k.role_id::text, k.platform_role) = $3 AND (k.role_id IS NULL OR r.permissions = $4::text[])
    FOR SHARE OF k`,
});

/** Of somebody who invites. */
const INVITING = footholds(IS_LIVE);
/** Of somebody who answers for an invitation: a key is judged by its role, also once it is revoked. */
export const ANSWERING = footholds('true');

/** What is written: where each row goes. */
export type Insertions = Record<'invitation' | 'grants' | 'mail' | 'audit', Insertion>;

/**
 * Writes an ordinary invitation in one statement, and so in one short transaction: a request costs three round trips instead of forty.
 * It says again what it stands on; if any of that has changed, or a limit is reached, or another request was first, the last line
 * divides by zero, which takes everything back, and the long way says why.
 */
export const createBy = (foothold: Foothold, insertions: Insertions): string => `
  WITH organisation AS MATERIALIZED (
    SELECT 1 FROM organisations
    WHERE id = $1 AND status = 'ACTIVE' AND invitations_enabled AND seat_limit IS NULL FOR SHARE),
  standing AS MATERIALIZED (${INVITING[foothold]}),
  kept AS MATERIALIZED (
    SELECT id FROM roles WHERE id = ANY ($5) AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM standing) ORDER BY id FOR KEY SHARE),
  ready AS MATERIALIZED (SELECT 1 FROM standing WHERE (SELECT count(*) FROM kept) = cardinality($5::uuid[])),
  recipient AS (${takingExactly('ready', '$6', '$7')}),
  inviter AS (${takingLoosely('recipient', { subject: '$8', slot: '$10', limit: '$9' })}),
  sender AS (${takingLoosely('inviter', { subject: '$11', slot: '$10', limit: '$12' })}),
  invitee AS (
    INSERT INTO invitees (organisation_id, email, id) SELECT $1, $13, $14 FROM sender WHERE NOT $15
    ON CONFLICT DO NOTHING RETURNING 1),
  invitation AS (${insertions.invitation.from('$16')}
    WHERE EXISTS (SELECT 1 FROM invitee) OR $15 AND EXISTS (SELECT 1 FROM sender)
    ON CONFLICT DO NOTHING RETURNING 1),
  mail AS (${insertions.mail.from('$17')} WHERE EXISTS (SELECT 1 FROM invitation)),
  audit AS (${insertions.audit.from('$18')} WHERE EXISTS (SELECT 1 FROM invitation)),
  granted AS (${insertions.grants.from('$19')} WHERE EXISTS (SELECT 1 FROM invitation))
  SELECT 1 / (SELECT count(*) FROM invitation) AS written`;
