// One story: Robin runs Acme on this installation, invites Kim to it and to its project Website, and Kim accepts.

export const ACME = { id: '019a9d1e-2b7c-7a40-9c3d-5e8f7a6b1c2d', shortId: 'k7m2p9qx', name: 'Acme' };
export const WEBSITE_ID = '019a9d1f-5c3e-7b58-8b1f-6d2a4c9e0f11';
export const INVITATION_ID = '019a9d24-8f0a-7c11-9d5b-3e7f1a2b4c5d';
export const MONDAY = '2026-11-16T09:00:00.000Z';
export const TUESDAY = '2026-11-17T10:30:00.000Z';
export const EXPIRY = '2026-11-23T09:00:00.000Z';
export const LINK_TOKEN = 'q1hXr0Zf3mB7vLw9TnYk2JcDs5GpAe8uRi4oKx6NzMI';
export const OPT_OUT_TOKEN =
  'Zr6Tk0Yp5Ls9Xd2Gf7Hj4MaCe1Ui3Oy8BtNq1hXr0Zf3mB7vLw9TnYk2JcDs5GpAe8uRi4oKx6NzMIVb3n8Qw1Zr6Tk0Yp5Ls9Xd2Gf7H';
export const SESSION = {
  token: 'uss_Vb3n8Qw1Zr6Tk0Yp5Ls9Xd2Gf7Hj4MaCe1Ui3Oy8BtN',
  expiresAt: '2026-12-17T10:30:00.000Z',
};

export const MEMBER = { id: '00000000-0000-4000-8000-0000000000a3', key: 'MEMBER', name: 'Member' };
export const EDITOR = { id: '00000000-0000-4000-8000-0000000000b2', key: 'EDITOR', name: 'Editor' };

export const SUPPORT = { id: '019a9d20-1f4b-7d35-a2c6-4b8e0d7f9a13', key: 'SUPPORT', name: 'Support' };

export const SUPPORTS_PERMISSIONS = ['organisation:read', 'members:read', 'project:read'];

export const ROBIN = { id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', email: 'robin@example.com' };
export const ROBINS_NAMES = { givenName: 'Robin', familyName: 'Doe' };
export const KIM = { id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', email: 'kim@example.com' };
export const KIMS_NAMES = { givenName: 'Kim', familyName: 'Lee' };
export const PASSWORD = 'correct horse battery';
export const MESSAGE = 'Welcome aboard, Kim. See you on Monday.';

export const user = {
  ...ROBIN,
  emailVerified: true,
  ...ROBINS_NAMES,
  platformRole: 'ADMIN',
  status: 'ACTIVE',
  createdAt: MONDAY,
};
export const limits = {
  resendCooldownSeconds: 60,
  mailsPerRecipientPerDay: 5,
  invitationsPerInviterPerDay: 2000,
  invitationsPerOrganisationPerDay: 10_000,
};
export const settings = { invitationExpiryHours: 168, reminderHours: 48, defaultLocale: 'en' };
export const face = {
  displayName: 'Acme Corporation',
  logoUrl: 'https://assets.example.com/acme.png',
  accentColour: '#0f766e',
  replyTo: 'office@example.com',
  supportEmail: 'help@example.com',
};
export const mailPreview = {
  from: { name: 'Usher', address: 'usher@example.com' },
  replyTo: face.replyTo,
  subject: 'Robin Doe lädt Sie zu Acme Corporation ein',
  language: 'de',
  html: '<!doctype html>\n<html lang="de" dir="ltr">…</html>\n',
  text: 'Acme Corporation\n\nRobin Doe lädt Sie zu Acme Corporation ein\n…\n',
};
export const inProject = [{ projectId: WEBSITE_ID, name: 'Website', role: EDITOR }];

export const membership = {
  organisation: ACME,
  role: MEMBER,
  status: 'ACTIVE',
  joinedAt: TUESDAY,
  projects: inProject,
};

export const invitation = {
  id: INVITATION_ID,
  type: 'ORGANISATION',
  status: 'PENDING',
  email: KIM.email,
  ...KIMS_NAMES,
  organisation: ACME,
  platformRole: null,
  role: MEMBER,
  projects: inProject,
  invitedBy: { type: 'user', id: ROBIN.id, name: 'Robin Doe' },
  inviteeId: 'e4eaaaf2-d142-41b3-b2d2-c5a1f6b8f0d3',
  message: MESSAGE,
  locale: 'en',
  redirectUrl: null,
  metadata: { employeeNumber: 4711 },
  delivery: { status: 'SENT', attempts: 1, lastAttemptAt: MONDAY, nextAttemptAt: null, lastError: null },
  sendCount: 1,
  reminder: true,
  expiresAt: EXPIRY,
  createdAt: MONDAY,
  updatedAt: MONDAY,
  acceptedAt: null,
  declinedAt: null,
  revokedAt: null,
  revokedReason: null,
};

export const shownToKim = {
  type: 'ORGANISATION',
  organisation: { name: ACME.name },
  role: MEMBER.name,
  projects: [{ name: 'Website', role: EDITOR.name }],
  invitedBy: { name: 'Robin Doe' },
  email: 'k•••@example.com',
  message: MESSAGE,
  expiresAt: EXPIRY,
  accountExists: false,
};

export const auditEvent = {
  id: '019a9d24-8f0b-7d02-8a4e-0c6f5b3d2e19',
  at: MONDAY,
  action: 'invitation.created',
  actor: { type: 'user', id: ROBIN.id, name: 'Robin Doe' },
  subject: { type: 'invitation', id: INVITATION_ID },
  before: null,
  after: { platformRole: null, role: 'MEMBER', projects: [{ projectId: WEBSITE_ID, role: 'EDITOR' }] },
  ip: '192.0.2.7',
  requestId: '0b9f6a52-5d0e-4c57-9a53-1d8a5c0f7e21',
};

export const inCsv = (value: object): string => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
export const auditCsv = `at,action,actorType,actorId,actorName,subjectType,subjectId,before,after,ip,requestId,id
${MONDAY},invitation.created,user,${ROBIN.id},Robin Doe,invitation,${INVITATION_ID},,${inCsv(auditEvent.after)},192.0.2.7,${auditEvent.requestId},${auditEvent.id}
`;

/** All that match as a file; `limit`, `cursor` and `includeTotal` mean nothing to it. */
export const AUDIT_EXPORTS = {
  'text/csv': {
    schema: { type: 'string', description: 'All events that match, with a header row; `before` and `after` are JSON.' },
    example: auditCsv,
  },
  'application/x-ndjson': {
    schema: { type: 'string', description: 'All events that match, an AuditEvent as JSON on each line.' },
    example: `${JSON.stringify(auditEvent)}\n`,
  },
};

const MAIL_ID = '019a9d24-8f11-7e02-b6a4-52c0d1f9e833';
const bounce = `Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; kim@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such mailbox

--part
Content-Type: text/rfc822-headers

Message-ID: <${MAIL_ID}@usher.example.com>

--part--
`.replaceAll('\n', '\r\n');

export const MAIL_EVENTS = {
  events: [
    { messageId: `<${INVITATION_ID}@usher.example.com>`, type: 'delivered', at: MONDAY },
    { messageId: `<${MAIL_ID}@usher.example.com>`, type: 'bounced', reason: 'No such mailbox', permanent: true },
  ],
};
export const BOUNCE = {
  'message/rfc822': { schema: { type: 'string', description: 'A bounce as it arrived (RFC 3464).' }, example: bounce },
};

/** A file in place of a JSON body. */
export const INVITATIONS_IN_CSV = {
  'text/csv': {
    schema: {
      type: 'string',
      description:
        'RFC 4180 in UTF-8, with a header. Columns in any order: `email`, `role`, and if you like `givenName`, `familyName`, `projects`, `locale`, `message`. ' +
        'Projects are written `key:role;key:role`, the key being their id or `externalId`. Empty cells are left out, empty lines passed over.',
    },
    example: `email,role,givenName,familyName\n${KIM.email},MEMBER,Kim,Lee\n`,
  },
};

export const PROJECT_INVITATION = { ...invitation, type: 'PROJECT', role: null };
export const PLATFORM_INVITATION = {
  ...invitation,
  type: 'PLATFORM',
  organisation: null,
  platformRole: 'OPERATOR',
  role: null,
  projects: [],
  inviteeId: null,
};
export const CREATED_WITH_LINK = {
  ...invitation,
  delivery: null,
  sendCount: 2,
  link: `https://usher.example.com/join#token=${LINK_TOKEN}`,
};

export const organisationKey = {
  id: '019a9d26-1c4d-7e02-a3b5-7f9e8d6c5b4a',
  name: 'Nightly import',
  prefix: 'ush_m4Kd9X',
  role: MEMBER,
  platformRole: null,
  createdBy: { type: 'user', id: ROBIN.id, name: 'Robin Doe' },
  createdAt: MONDAY,
  lastUsedAt: TUESDAY,
  expiresAt: null,
};
export const newKey = { lastUsedAt: null, key: 'ush_m4Kd9XcQ2vTn7Rb0LzYw5HsJf8GpEa3Uk1Io6NxMtCq2Ab5D6w' };
export const PLATFORM_KEY = { ...organisationKey, name: 'Provisioning', role: null, platformRole: 'OPERATOR' };
export const CREATED_PLATFORM_KEY = { ...PLATFORM_KEY, ...newKey };
export const PERSONAL_KEY = { ...organisationKey, name: 'My scripts', role: null, ...newKey };

export const ACCEPTED_BY_MEMBER = { memberships: [membership], redirectUrl: null };

export const gorulesInvitation = {
  id: INVITATION_ID,
  email: KIM.email,
  status: 'pending',
  userId: invitation.inviteeId,
  createdAt: MONDAY,
  expiresAt: EXPIRY,
};
