import { roleColumnsOf, roleOf } from '../organisations/role.sql.js';
import type { InvitationStatus } from './invitation.entity.js';

/** When lapsed, an invitation counts as expired at once, by the database's clock. */
const CURRENT_STATUS = `CASE WHEN i.status = 'PENDING' AND i.expires_at <= now() THEN 'EXPIRED' ELSE i.status END`;

/**
 * Lists of invitations are what dashboards ask for again and again: one statement reads a page with organisation, roles,
 * projects, inviters and deliveries. The page is cut before anything is joined to it.
 */
export const shownOf = (page: string, sorted: string): string => `
  SELECT i.id, i.type, ${CURRENT_STATUS} AS status, i.email, i.given_name AS "givenName", i.family_name AS "familyName",
    o.id AS "organisationId", o.short_id AS "organisationShortId", o.name AS "organisationName",
    i.platform_role AS "platformRole", ${roleColumnsOf('r')},
    (SELECT json_agg(json_build_object('projectId', p.id, 'name', p.name, 'role', ${roleOf('gr')}) ORDER BY p.id)
      FROM invitation_grants g JOIN projects p ON p.id = g.project_id JOIN roles gr ON gr.id = g.role_id
      WHERE g.invitation_id = i.id) AS projects,
    u.id AS "userId", u.email AS "userEmail", u.given_name AS "userGivenName", u.family_name AS "userFamilyName",
    k.id AS "keyId", k.name AS "keyName", i.invitee_id AS "inviteeId", i.message, i.locale, i.redirect_url AS "redirectUrl",
    i.metadata, mail.status AS "mailStatus", mail.attempts, mail.last_attempt_at AS "lastAttemptAt",
    CASE mail.status WHEN 'QUEUED' THEN mail.next_attempt_at END AS "nextAttemptAt", mail.last_error AS "lastError",
    i.send_count AS "sendCount", i.reminder, i.expires_at AS "expiresAt", i.created_at AS "createdAt", i.updated_at AS "updatedAt",
    i.accepted_at AS "acceptedAt", i.declined_at AS "declinedAt", i.revoked_at AS "revokedAt",
    i.revoked_reason AS "revokedReason"
  FROM (${page}) i
  LEFT JOIN organisations o ON o.id = i.organisation_id
  LEFT JOIN roles r ON r.id = i.role_id
  LEFT JOIN mail_messages mail ON mail.id = i.mail_message_id
  LEFT JOIN users u ON u.id = i.invited_by_id AND i.invited_by_type = 'user'
  LEFT JOIN api_keys k ON k.id = i.invited_by_id AND i.invited_by_type = 'api_key'
  ${sorted}`;

const GIVES_ROLE = `EXISTS (
  SELECT 1 FROM roles r WHERE (r.id::text = lower(?) OR lower(r.key) = lower(?)) AND (r.id = i.role_id OR EXISTS (
    SELECT 1 FROM invitation_grants g WHERE g.invitation_id = i.id AND g.role_id = r.id)))`;

/** The open ones have an index of their own. */
export const IN_STATUS: Record<InvitationStatus, string> = {
  PENDING: `i.status = 'PENDING' AND i.expires_at > now()`,
  ACCEPTED: `i.status = 'ACCEPTED'`,
  DECLINED: `i.status = 'DECLINED'`,
  REVOKED: `i.status = 'REVOKED'`,
  EXPIRED: `(i.status = 'EXPIRED' OR i.status = 'PENDING' AND i.expires_at <= now())`,
};

/** What each filter that has no index asks of an invitation, with a `?` for its value; a filter that is not given asks nothing. */
export const FILTERS = {
  type: 'i.type = ?',
  q: 'strpos(i.email, lower(?)) > 0',
  role: GIVES_ROLE,
  projectId: 'EXISTS (SELECT 1 FROM invitation_grants g WHERE g.invitation_id = i.id AND g.project_id = ?)',
  invitedBy: 'i.invited_by_id = ?',
  delivery: 'EXISTS (SELECT 1 FROM mail_messages mail WHERE mail.id = i.mail_message_id AND mail.status = ?)',
} as const;
