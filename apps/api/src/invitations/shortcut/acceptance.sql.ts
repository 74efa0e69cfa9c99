import type { Insertion } from '@usher/database';
import { spentCounter } from '@usher/http';
import { cancelling } from '@usher/mailer';
import { ANSWERING, type Foothold, heldBy } from './shortcut.sql.js';

/**
 * All that an ordinary acceptance depends on, read with the caller (`access`): an invitation that is open to their address, in an organisation
 * that they are not in yet. `$3` the hash of its token, `$4` and `$5` the counter of wrong tokens: who guesses too often gets nothing.
 */
export const ACCEPTANCE_FACTS = `
  SELECT json_build_object('id', i.id, 'redirectUrl', i.redirect_url, 'redirectOrigins', p.redirect_origins,
    'place', json_build_object('type', i.type, 'id', i.place, 'organisationId', o.id),
    'organisation', json_build_object('id', o.id, 'shortId', o.short_id, 'name', o.name),
    'inviter', json_build_object('type', i.invited_by_type, 'id', i.invited_by_id,
      'platformRole', coalesce(u.platform_role, k.platform_role, 'MEMBER'), 'roleId', r.id, 'permissions', r.permissions),
    'role', (SELECT ${heldBy('given')} FROM roles given WHERE given.id = i.role_id),
    'projects', (SELECT coalesce(json_agg(json_build_object(
        'project', json_build_object('id', project.id, 'name', project.name), 'role', ${heldBy('given')}) ORDER BY project.id), '[]')
      FROM invitation_grants g JOIN projects project ON project.id = g.project_id JOIN roles given ON given.id = g.role_id
      WHERE g.invitation_id = i.id)) AS facts
  FROM invitations i CROSS JOIN platform p
  JOIN organisations o ON o.id = i.organisation_id AND o.status = 'ACTIVE'
  LEFT JOIN users u ON i.invited_by_type = 'user' AND u.id = i.invited_by_id AND u.status = 'ACTIVE'
  LEFT JOIN memberships m ON m.organisation_id = o.id AND m.user_id = u.id AND m.status = 'ACTIVE'
  LEFT JOIN api_keys k ON i.invited_by_type = 'api_key' AND k.id = i.invited_by_id AND coalesce(k.organisation_id = o.id, true)
  LEFT JOIN roles r ON r.id = coalesce(m.role_id, k.role_id) AND (m.role_id IS NOT NULL OR r.deleted_at IS NULL)
  WHERE (i.token_hash = $3 OR i.reminder_token_hash = $3) AND i.status = 'PENDING' AND i.expires_at > now() AND i.email = access.email
    AND NOT EXISTS (SELECT 1 FROM memberships present WHERE present.organisation_id = o.id AND present.user_id = access."userId")
    AND NOT EXISTS (SELECT 1 FROM ${spentCounter('$4', '$5')})`;

/** Where each row goes. */
export type AcceptanceInsertions = Record<'projects' | 'audit', Insertion>;

/**
 * Lets somebody in with one statement. It says again what it stands on, and locks in the order of the long way: the organisation, which nobody
 * deletes meanwhile; the inviter's standing; the invitation, which a second acceptance, a revocation or a new token changes first or not at all;
 * own roles that are given, which nobody deletes or changes meanwhile. Seats are not counted: the invitation has one reserved.
 * If anything differs, the last line divides by zero, which takes everything back, or a constraint refuses a row: then the long way says why.
 */
export const acceptBy = (foothold: Foothold, insertions: AcceptanceInsertions): string => `
  WITH organisation AS MATERIALIZED (
    SELECT 1 FROM organisations WHERE id = $1 AND status = 'ACTIVE' FOR KEY SHARE),
  standing AS MATERIALIZED (${ANSWERING[foothold]}),
  accepted AS (
    UPDATE invitations SET status = 'ACCEPTED', accepted_at = now(), updated_at = now(), accepted_by_id = $7
    WHERE id = $5 AND status = 'PENDING' AND expires_at > now() AND invited_by_id = $2 AND $6 IN (token_hash, reminder_token_hash)
      AND EXISTS (SELECT 1 FROM standing)
    RETURNING id),
  kept AS MATERIALIZED (
    SELECT 1 FROM roles r JOIN json_populate_recordset(NULL::roles, $9) given ON given.id = r.id AND given.permissions = r.permissions
    WHERE r.deleted_at IS NULL AND EXISTS (SELECT 1 FROM accepted) ORDER BY r.id FOR SHARE OF r),
  member AS (
    INSERT INTO memberships (organisation_id, user_id, role_id)
    SELECT $1, $7, $8 FROM accepted WHERE (SELECT count(*) FROM kept) = json_array_length($9) RETURNING joined_at),
  projects AS (${insertions.projects.from('$10')}),
  audit AS (${insertions.audit.from('$11')}),
  unsent AS (${cancelling('(SELECT id FROM accepted)')})
  SELECT 1 / (SELECT count(*) FROM member) AS written, (SELECT joined_at FROM member) AS "joinedAt"`;
