// One story: Robin runs Acme on this installation, invites Kim to it and to its project Website, and Kim accepts.

const ACME = { id: '019a9d1e-2b7c-7a40-9c3d-5e8f7a6b1c2d', shortId: 'k7m2p9qx', name: 'Acme' };
const WEBSITE_ID = '019a9d1f-5c3e-7b58-8b1f-6d2a4c9e0f11';
const INVITATION_ID = '019a9d24-8f0a-7c11-9d5b-3e7f1a2b4c5d';
const MONDAY = '2026-11-16T09:00:00.000Z';
const TUESDAY = '2026-11-17T10:30:00.000Z';
const EXPIRY = '2026-11-23T09:00:00.000Z';
const LINK_TOKEN = 'q1hXr0Zf3mB7vLw9TnYk2JcDs5GpAe8uRi4oKx6NzMI';
const SESSION = { token: 'uss_Vb3n8Qw1Zr6Tk0Yp5Ls9Xd2Gf7Hj4MaCe1Ui3Oy8BtN', expiresAt: '2026-12-17T10:30:00.000Z' };

const MEMBER = { id: '00000000-0000-4000-8000-0000000000a3', key: 'MEMBER', name: 'Member' };
const EDITOR = { id: '00000000-0000-4000-8000-0000000000b2', key: 'EDITOR', name: 'Editor' };

const ROBIN = { id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', email: 'robin@example.com' };
const ROBINS_NAMES = { givenName: 'Robin', familyName: 'Doe' };
const KIM = { id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', email: 'kim@example.com' };
const KIMS_NAMES = { givenName: 'Kim', familyName: 'Lee' };
const PASSWORD = 'correct horse battery';
const MESSAGE = 'Welcome aboard, Kim. See you on Monday.';

const user = {
  ...ROBIN,
  emailVerified: true,
  ...ROBINS_NAMES,
  platformRole: 'ADMIN',
  status: 'ACTIVE',
  createdAt: MONDAY,
};
const limits = { resendCooldownSeconds: 60 };
const settings = { invitationExpiryHours: 168, defaultLocale: 'en' };
const inProject = [{ projectId: WEBSITE_ID, name: 'Website', role: EDITOR }];

const membership = { organisation: ACME, role: MEMBER, status: 'ACTIVE', joinedAt: TUESDAY, projects: inProject };

const invitation = {
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
  expiresAt: EXPIRY,
  createdAt: MONDAY,
  updatedAt: MONDAY,
  acceptedAt: null,
  declinedAt: null,
  revokedAt: null,
  revokedReason: null,
};

const shownToKim = {
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

const auditEvent = {
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

const inCsv = (value: object): string => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
const auditCsv = `at,action,actorType,actorId,actorName,subjectType,subjectId,before,after,ip,requestId,id
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

export const ACCEPTED_BY_MEMBER = { memberships: [membership], redirectUrl: null };

/** An example for every body, by the name of its schema; pages are made of their rows. */
export const EXAMPLES: Readonly<Record<string, object>> = {
  SignIn: { email: ROBIN.email, password: PASSWORD },
  SignedIn: { ...SESSION, user },
  RequestPasswordReset: { email: KIM.email },
  ConfirmPasswordReset: { token: LINK_TOKEN, password: PASSWORD },
  ChangePassword: { currentPassword: PASSWORD, newPassword: 'purple monkey dishwasher' },

  User: user,
  UpdateMe: ROBINS_NAMES,
  UpdateUser: { status: 'ACTIVE', platformRole: 'ADMIN' },
  Membership: membership,

  Platform: {
    name: 'Usher',
    organisationCreation: 'admins',
    redirectOrigins: ['https://app.example.com'],
    ...settings,
    limits,
  },
  UpdatePlatform: { redirectOrigins: ['https://app.example.com'], limits },

  AuditEvent: auditEvent,

  Organisation: {
    ...ACME,
    status: 'ACTIVE',
    plan: { invitationsEnabled: true, seatLimit: null },
    settings,
    createdAt: MONDAY,
    updatedAt: MONDAY,
  },
  CreateOrganisation: { name: ACME.name },
  UpdateOrganisation: { settings },

  Member: { user: { ...KIM, ...KIMS_NAMES }, role: MEMBER, status: 'ACTIVE', joinedAt: TUESDAY },
  ChangeRole: { role: 'ADMIN' },
  ChangeMemberStatus: { status: 'SUSPENDED' },

  Project: {
    id: WEBSITE_ID,
    organisationId: ACME.id,
    kind: 'project',
    name: 'Website',
    externalId: 'site-1',
    metadata: { costCentre: 'marketing' },
    createdAt: MONDAY,
    updatedAt: MONDAY,
  },
  CreateProject: { name: 'Website', externalId: 'site-1', metadata: { costCentre: 'marketing' } },
  UpdateProject: { name: 'Website' },
  ProjectMember: { user: { ...KIM, ...KIMS_NAMES }, role: EDITOR, joinedAt: TUESDAY },
  AddProjectMember: { userId: KIM.id, role: 'EDITOR' },

  Invitation: invitation,
  InviteToOrganisation: {
    email: KIM.email,
    role: 'MEMBER',
    projects: [{ projectId: WEBSITE_ID, role: 'EDITOR' }],
    ...KIMS_NAMES,
    message: MESSAGE,
    metadata: { employeeNumber: 4711 },
  },
  InviteToProject: { email: KIM.email, role: 'EDITOR', ...KIMS_NAMES, message: MESSAGE },
  InviteToPlatform: { email: KIM.email, platformRole: 'OPERATOR', ...KIMS_NAMES },
  ChangeInvitation: { role: 'ADMIN', expiresInHours: 72 },
  ResendInvitation: { sendEmail: false },

  Token: { token: LINK_TOKEN },
  InvitationLookup: shownToKim,
  MyInvitation: { id: INVITATION_ID, ...shownToKim, accountExists: true },
  AcceptInvitation: { token: LINK_TOKEN, ...KIMS_NAMES, password: PASSWORD },
  Accepted: { memberships: [membership], session: SESSION, redirectUrl: null },

  Liveness: { status: 'ok' },
  Readiness: {
    status: 'ok',
    info: { database: { status: 'up' }, migrations: { status: 'up' }, mail: { status: 'up', channel: 'smtp' } },
    error: {},
    details: { database: { status: 'up' }, migrations: { status: 'up' }, mail: { status: 'up', channel: 'smtp' } },
  },
};
