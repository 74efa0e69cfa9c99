import { sqlJson } from '@usher/database';
import type { SqlList } from '@usher/http';
import type { PrincipalDto } from '../keys/api-key.dto.js';
import { organisationFields } from '../organisations/organisation.sql.js';
import { roleFields } from '../organisations/role.sql.js';
import { projectRole } from '../projects/project-role.sql.js';
import type { DeliveryDto, InvitationDto } from './invitation.dto.js';
import type { InvitationStatus } from './invitation.entity.js';
import type { InvitationSort } from './invitation-list.dto.js';

const { list, moment, object, objectIf, plain, text, word } = sqlJson;

/** When lapsed, an invitation counts as expired at once, by the database's clock. */
const CURRENT_STATUS = `CASE WHEN i.status = 'PENDING' AND i.expires_at <= now() THEN 'EXPIRED' ELSE i.status END`;

/** As `displayName` says. */
const PERSONS_NAME = `coalesce(nullif(concat_ws(' ', nullif(u.given_name, ''), nullif(u.family_name, '')), ''), u.email)`;

const INVITER = `CASE WHEN k.id IS NOT NULL
  THEN ${object<PrincipalDto>({ type: word(`'api_key'`), id: word('k.id'), name: text('k.name') })}
  ELSE ${objectIf<PrincipalDto>('u.id IS NOT NULL', { type: word(`'user'`), id: word('u.id'), name: text(PERSONS_NAME) })} END`;

const GRANTS = `invitation_grants g JOIN projects p ON p.id = g.project_id JOIN roles given ON given.id = g.role_id
  WHERE g.invitation_id = i.id`;

/** An invitation `i` as inviters see it. */
const INVITATION = object<Omit<InvitationDto, 'link'>>({
  id: word('i.id'),
  type: word('i.type'),
  status: word(CURRENT_STATUS),
  email: text('i.email'),
  givenName: text('i.given_name'),
  familyName: text('i.family_name'),
  organisation: objectIf('o.id IS NOT NULL', organisationFields('o')),
  platformRole: text('i.platform_role'),
  role: objectIf('r.id IS NOT NULL', roleFields('r')),
  projects: list(projectRole, { from: GRANTS, orderBy: 'p.id' }),
  invitedBy: INVITER,
  inviteeId: word('i.invitee_id'),
  message: text('i.message'),
  locale: text('i.locale'),
  redirectUrl: text('i.redirect_url'),
  metadata: plain('i.metadata'),
  delivery: objectIf<DeliveryDto>('mail.id IS NOT NULL', {
    status: word('mail.status'),
    attempts: plain('mail.attempts'),
    lastAttemptAt: moment('mail.last_attempt_at'),
    nextAttemptAt: `CASE mail.status WHEN 'QUEUED' THEN ${moment('mail.next_attempt_at')} ELSE 'null' END`,
    lastError: text('mail.last_error'),
  }),
  sendCount: plain('i.send_count'),
  reminder: plain('i.reminder'),
  expiresAt: moment('i.expires_at'),
  createdAt: moment('i.created_at'),
  updatedAt: moment('i.updated_at'),
  acceptedAt: moment('i.accepted_at'),
  declinedAt: moment('i.declined_at'),
  revokedAt: moment('i.revoked_at'),
  revokedReason: text('i.revoked_reason'),
});

/** What `INVITATION` shows beside the row: organisation, role, inviter and delivery. */
const BESIDE = `
  LEFT JOIN organisations o ON o.id = i.organisation_id
  LEFT JOIN roles r ON r.id = i.role_id
  LEFT JOIN mail_messages mail ON mail.id = i.mail_message_id
  LEFT JOIN users u ON u.id = i.invited_by_id AND i.invited_by_type = 'user'
  LEFT JOIN api_keys k ON k.id = i.invited_by_id AND i.invited_by_type = 'api_key'`;

export interface ShownInvitation {
  /** An `InvitationDto` in JSON. */
  shown: string;
}

export const shownOf = (invitations: string): string =>
  `SELECT ${INVITATION} AS shown FROM (${invitations}) i ${BESIDE}`;

const COLUMNS = { createdAt: 'i.created_at', expiresAt: 'i.expires_at', email: 'i.email' } as const;

/** Lists of invitations are what dashboards ask for again and again: one statement writes a page of them. */
export const invitationsIn = (sort: InvitationSort = '-createdAt'): Omit<SqlList, 'conditions'> => ({
  table: 'invitations',
  alias: 'i',
  order: {
    name: `invitation.id ${sort}`,
    by: COLUMNS[sort.replace('-', '') as keyof typeof COLUMNS], // as: every sort is one of these, with or without `-`
    id: 'i.id',
    direction: sort.startsWith('-') ? 'DESC' : 'ASC',
  },
  shown: INVITATION,
  joins: BESIDE,
});

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
  q: 'strpos(i.email, lower(?::text COLLATE "C")) > 0',
  role: GIVES_ROLE,
  projectId: 'EXISTS (SELECT 1 FROM invitation_grants g WHERE g.invitation_id = i.id AND g.project_id = ?)',
  invitedBy: 'i.invited_by_id = ?',
  delivery: 'EXISTS (SELECT 1 FROM mail_messages mail WHERE mail.id = i.mail_message_id AND mail.status = ?)',
} as const;
