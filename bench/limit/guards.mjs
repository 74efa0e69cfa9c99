// Who asks, and what they hold there. Named statements, so that PostgreSQL plans each of them once.
const IS_LIVE = `s.expires_at > now() AND s.last_used_at > now() - interval '168 hours'`;

/** $1 hash of the session, $2 organisation. */
export const GUARD = `
  SELECT u.id, u.email, m.organisation_id AS "organisationId", coalesce(r.permissions, '{}') AS permissions, o.seat_limit IS NOT NULL AS "hasSeatLimit"
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

/** $1 hash of the session, $2 project: what is held in its organisation holds in it, too. */
export const GUARD_OF_PROJECT = `
  SELECT u.id, x.organisation_id AS "organisationId", coalesce(r.permissions, '{}') || coalesce(pr.permissions, '{}') AS permissions,
    o.seat_limit IS NOT NULL AS "hasSeatLimit"
  FROM sessions s JOIN users u ON u.id = s.user_id AND u.status = 'ACTIVE'
  LEFT JOIN projects x ON x.id = $2
  LEFT JOIN memberships m ON m.user_id = u.id AND m.organisation_id = x.organisation_id AND m.status = 'ACTIVE'
  LEFT JOIN organisations o ON o.id = m.organisation_id AND o.status = 'ACTIVE'
  LEFT JOIN roles r ON r.id = m.role_id AND o.id IS NOT NULL
  LEFT JOIN project_memberships pm ON pm.organisation_id = o.id AND pm.project_id = x.id AND pm.user_id = u.id
  LEFT JOIN roles pr ON pr.id = pm.role_id
  WHERE s.token_hash = $1 AND ${IS_LIVE}`;
