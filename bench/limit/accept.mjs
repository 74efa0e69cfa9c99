// Accepting, as one statement: whoever takes the invitation takes it from PENDING, and nobody after them. An inviter who loses their
// rights ends it in the same transaction, so their membership needs no lock here.
import { membershipColumns } from './reads.mjs';

/** `columns`: of the invitation. $1 hash of the token. */
const found = (columns) => `
  SELECT ${columns}, i.status, i.expires_at, i.email, r.permissions AS wanted, coalesce(ir.permissions, '{}') AS held
  FROM invitations i JOIN organisations o ON o.id = i.organisation_id AND o.status = 'ACTIVE'
  LEFT JOIN roles r ON r.id = i.role_id AND r.deleted_at IS NULL
  LEFT JOIN memberships im ON im.organisation_id = i.organisation_id AND im.user_id = i.invited_by_id AND im.status = 'ACTIVE'
  LEFT JOIN roles ir ON ir.id = im.role_id WHERE i.token_hash = $1`;

/** Of `found`; `person`: what else is refused. */
const code = (person) => `
  CASE WHEN status <> 'PENDING' OR expires_at <= now() THEN 'closed' ${person}
    WHEN wanted IS NULL OR NOT wanted <@ held OR NOT held @> '{invitations:manage}' OR EXISTS (
      SELECT FROM invitation_grants g JOIN roles gr ON gr.id = g.role_id WHERE g.invitation_id = found.id AND NOT gr.permissions <@ held) THEN 'closed'
    ELSE 'ok' END AS code`;
const HAS_ACCOUNT = `WHEN EXISTS (SELECT FROM users u WHERE u.email = found.email) THEN 'sign_in_required'`;

/** Whether a password is worth hashing. $1 hash of the token. */
export const PEEK = `WITH found AS (${found('i.id')}) SELECT ${code(HAS_ACCOUNT)} FROM found`;

/** Ids of audit events are in $4: the acceptance, the membership, the account, the session. */
const event = (
  place,
  {
    id = `($4::uuid[])[${place}]`,
    action,
    subject,
    of,
    after = 'NULL',
    tenant = 'taken.organisation_id',
    from = 'taken',
  },
) =>
  `SELECT ${id}, ${tenant}, '${action}', 'user', taken_by.id, '${subject}', ${of}, ${after}::jsonb, $5, $6 FROM ${from}, taken_by`;
const MEMBER_EVENT = `jsonb_build_object('role', (SELECT key FROM roles WHERE id = m.role_id))`;
const PROJECT_EVENT = `jsonb_build_object('projectId', p.project_id, 'role', (SELECT key FROM roles WHERE id = p.role_id))`;
const ACCEPTED = event(1, { action: 'invitation.accepted', subject: 'invitation', of: 'taken.id' });
const JOINED = [
  event(2, {
    action: 'member.joined',
    subject: 'user',
    of: 'taken_by.id',
    after: MEMBER_EVENT,
    from: '(SELECT * FROM m WHERE is_new) AS m',
    tenant: 'm.organisation_id',
  }),
  event(null, {
    ...{
      id: 'gen_random_uuid()',
      action: 'project_member.joined',
      subject: 'user',
      of: 'taken_by.id',
      after: PROJECT_EVENT,
    },
    ...{ from: 'p', tenant: 'p.organisation_id' },
  }),
];
const ACCOUNT_MADE = [
  event(3, {
    action: 'user.created',
    subject: 'user',
    of: 'taken_by.id',
    after: `'{"platformRole": "MEMBER"}'`,
    tenant: 'NULL',
  }),
  event(4, { action: 'session.started', subject: 'session', of: '$11', tenant: 'NULL' }),
];

/** `person`: what is refused because of them; `account`: what makes theirs. */
const accept = ({ person, account = '', events, answer = '' }) => `
  WITH found AS MATERIALIZED (${found('i.id')}),
  verdict AS MATERIALIZED (SELECT id, ${code(person)} FROM found),
  taken AS (
    UPDATE invitations i SET status = 'ACCEPTED', accepted_at = now(), accepted_by_id = $2::uuid, updated_at = now() FROM verdict v
    WHERE i.id = v.id AND v.code = 'ok' AND i.status = 'PENDING' AND i.expires_at > now() AND i.token_hash = $1 RETURNING i.*),
  taken_by AS (SELECT $2::uuid AS id), ${account}
  m AS (
    INSERT INTO memberships (organisation_id, user_id, role_id) SELECT organisation_id, $2::uuid, role_id FROM taken
    ON CONFLICT (organisation_id, user_id) DO UPDATE SET status = memberships.status RETURNING *, xmax = 0 AS is_new),
  p AS (
    INSERT INTO project_memberships (organisation_id, project_id, user_id, role_id)
    SELECT taken.organisation_id, g.project_id, $2::uuid, g.role_id FROM taken JOIN invitation_grants g ON g.invitation_id = taken.id
    ON CONFLICT DO NOTHING RETURNING *),
  in_projects AS (SELECT organisation_id, user_id, project_id, role_id FROM p UNION ALL
    SELECT organisation_id, user_id, project_id, role_id FROM project_memberships WHERE user_id = $2::uuid),
  cancelled AS (
    UPDATE mail_messages SET status = 'SKIPPED', sealed_token = NULL, last_error = 'No longer valid when it was due' FROM taken
    WHERE subject_id = taken.id AND (mail_messages.status || '') IN ('QUEUED', 'SENDING')),
  written AS (
    INSERT INTO audit_events (id, tenant_id, action, actor_type, actor_id, subject_type, subject_id, after, ip, request_id)
    ${events.join('\n    UNION ALL ')})
  SELECT ${answer} ${membershipColumns('in_projects')} FROM m JOIN organisations o ON o.id = m.organisation_id JOIN roles r ON r.id = m.role_id`;

/** $1 hash of the token, $2 user, $3 their address, $4 audit events, $5 address of the caller, $6 request. */
export const ACCEPT = accept({
  person: `WHEN email <> $3 THEN 'wrong_account'`,
  events: [ACCEPTED, ...JOINED],
});

/** $1, $2, $4–$6 the same; $3 hash of the password, $7 and $8 names, $9 hash of the session's token, $10 user agent, $11 session. */
export const ACCEPT_NEW = accept({
  person: HAS_ACCOUNT,
  account: `
  u AS (
    INSERT INTO users (id, email, email_verified_at, given_name, family_name, password_hash)
    SELECT $2::uuid, email, CASE WHEN NOT link_shown THEN now() END, coalesce($7, given_name), coalesce($8, family_name), $3 FROM taken),
  s AS (
    INSERT INTO sessions (id, user_id, token_hash, user_agent, expires_at)
    SELECT $11::uuid, $2::uuid, $9, $10, now() + interval '720 hours' FROM taken RETURNING expires_at),`,
  events: [ACCEPTED, ...JOINED, ...ACCOUNT_MADE],
  answer: '(SELECT expires_at FROM s) AS s_expires_at,',
});
