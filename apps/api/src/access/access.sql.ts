import type { Credential } from './credential.js';

/** The SQL condition of a session that can be used: not over, and not idle for too long. `sessions` is the table or its alias. */
export const isLiveSession = (sessions: string, idleHours: number): string =>
  `${sessions}.expires_at > now() AND ${sessions}.last_used_at > now() - interval '${idleHours} hours'`;

/** The same of an API key. */
const isLiveKey = (keys: string): string =>
  `${keys}.revoked_at IS NULL AND (${keys}.expires_at IS NULL OR ${keys}.expires_at > now())`;

/** What a place is found by. `own`: it is the organisation of the credential, or the only one of its owner. */
export type PlaceBy = 'none' | 'own' | 'shortId' | 'organisationId' | 'projectId' | 'invitationId' | 'roleId';

/** Finds the place that an id stands for; `$2` is the id. */
const PLACES: Record<PlaceBy, string> = {
  none: `SELECT NULL AS type, NULL::uuid AS organisation_id, NULL::uuid AS project_id WHERE $2::text IS NOT NULL`,
  own: `SELECT 'ORGANISATION' AS type, id AS organisation_id, NULL::uuid AS project_id FROM organisations WHERE $2::text IS NULL AND id = (
    SELECT coalesce(c.organisation_id, (
      SELECT min(m.organisation_id::text)::uuid FROM memberships m
      WHERE m.user_id = c.user_id AND m.status = 'ACTIVE' HAVING count(*) = 1)) FROM credential c)`,
  organisationId: `SELECT 'ORGANISATION' AS type, id AS organisation_id, NULL::uuid AS project_id FROM organisations WHERE id = $2::uuid`,
  shortId: `SELECT 'ORGANISATION' AS type, id AS organisation_id, NULL::uuid AS project_id FROM organisations WHERE short_id = $2`,
  projectId: `SELECT 'PROJECT' AS type, organisation_id, id AS project_id FROM projects WHERE id = $2::uuid`,
  invitationId: `SELECT type, organisation_id, CASE type WHEN 'PROJECT' THEN place END AS project_id
    FROM invitations WHERE id = $2::uuid`,
  roleId: `SELECT CASE WHEN organisation_id IS NULL THEN 'PLATFORM' ELSE 'ORGANISATION' END AS type, organisation_id,
    NULL::uuid AS project_id FROM roles WHERE id = $2::uuid AND deleted_at IS NULL`,
};

/** Finds a live credential; `$1` is its hash. */
const credentialBy = (kind: Credential['kind'], idleHours: number): string =>
  ({
    session: `SELECT id, user_id, NULL::uuid AS organisation_id, NULL::uuid AS role_id, NULL::text AS platform_role, last_used_at
    FROM sessions WHERE token_hash = $1 AND ${isLiveSession('sessions', idleHours)}`,
    key: `SELECT id, user_id, organisation_id, role_id, platform_role, last_used_at
    FROM api_keys WHERE secret_hash = $1 AND ${isLiveKey('api_keys')}`,
  })[kind];

/** What a live credential may do at a place: `$1` is the credential's hash, `$2` what the place is found by. */
export const accessBy = (kind: Credential['kind'], idleHours: number, place: PlaceBy): string => `
  WITH credential AS (${credentialBy(kind, idleHours)}), place AS (${PLACES[place]})
  SELECT c.id AS "credentialId", c.last_used_at IS NULL OR c.last_used_at < now() - interval '1 minute' AS "isStale",
    u.id AS "userId", u.email, u.email_verified_at IS NOT NULL AS "emailVerified",
    coalesce(u.platform_role, c.platform_role, 'MEMBER') AS "platformRole", c.organisation_id AS "keyOrganisationId",
    place.type AS "placeType", place.organisation_id AS "organisationId", place.project_id AS "projectId",
    o.status AS "organisationStatus",
    CASE WHEN c.organisation_id = place.organisation_id THEN 'ACTIVE' ELSE m.status END AS "membershipStatus",
    coalesce(r.permissions, '{}') || coalesce(pr.permissions, '{}') AS permissions
  FROM credential c
  LEFT JOIN users u ON u.id = c.user_id
  LEFT JOIN place ON true
  LEFT JOIN organisations o ON o.id = place.organisation_id
  LEFT JOIN memberships m ON m.organisation_id = place.organisation_id AND m.user_id = c.user_id
  LEFT JOIN roles r ON r.id = CASE
    WHEN c.organisation_id = place.organisation_id THEN c.role_id
    WHEN m.status = 'ACTIVE' THEN m.role_id END
  LEFT JOIN project_memberships pm ON pm.organisation_id = place.organisation_id AND pm.project_id = place.project_id
    AND pm.user_id = c.user_id AND m.status = 'ACTIVE'
  LEFT JOIN roles pr ON pr.id = pm.role_id
  WHERE c.user_id IS NULL OR u.status = 'ACTIVE'`;

/** Writes down that a credential was used; several requests at the same instant write it once. */
export const TOUCH: Record<Credential['kind'], string> = {
  session: `UPDATE sessions SET last_used_at = now() WHERE id = $1 AND last_used_at < now() - interval '1 minute'`,
  key: `UPDATE api_keys SET last_used_at = now()
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
};

/** How a statement refers to ids: `$1`, or a subquery. */
export interface RightsOf {
  principal: string;
  organisation: string;
}

/** Whether a revoked or expired key counts: it does where it is judged as the responsible inviter, by its role. */
export type KeysThat = 'are live' | 'ever were';

export const rightsOfPerson = ({ principal, organisation }: RightsOf): string => `
  (SELECT json_build_object('platformRole', u.platform_role, 'email', u.email, 'givenName', u.given_name, 'familyName', u.family_name,
      'permissions', (SELECT r.permissions FROM memberships m JOIN roles r ON r.id = m.role_id
        WHERE m.organisation_id = ${organisation} AND m.user_id = u.id AND m.status = 'ACTIVE'),
      'projects', (SELECT json_object_agg(pm.project_id, r.permissions) FROM project_memberships pm JOIN roles r ON r.id = pm.role_id
        WHERE pm.organisation_id = ${organisation} AND pm.user_id = u.id))
    FROM users u WHERE u.id = ${principal} AND u.status = 'ACTIVE')`;

/** A key's role never changes; one that was deleted holds nothing. */
export const rightsOfKey = ({ principal, organisation }: RightsOf, keys: KeysThat): string => `
  (SELECT json_build_object('platformRole', coalesce(k.platform_role, 'MEMBER'), 'name', k.name,
      'permissions', CASE WHEN k.organisation_id = ${organisation} THEN r.permissions END, 'projects', NULL)
    FROM api_keys k LEFT JOIN roles r ON r.id = k.role_id AND r.deleted_at IS NULL
    WHERE k.id = ${principal} AND ${keys === 'are live' ? isLiveKey('k') : 'true'})`;
