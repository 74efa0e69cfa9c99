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

const SUPPORT = { id: '019a9d20-1f4b-7d35-a2c6-4b8e0d7f9a13', key: 'SUPPORT', name: 'Support' };

const SUPPORTS_PERMISSIONS = ['organisation:read', 'members:read', 'project:read'];

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
const limits = {
  resendCooldownSeconds: 60,
  mailsPerRecipientPerDay: 5,
  invitationsPerInviterPerDay: 2000,
  invitationsPerOrganisationPerDay: 10_000,
};
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

const organisationKey = {
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
const newKey = { lastUsedAt: null, key: 'ush_m4Kd9XcQ2vTn7Rb0LzYw5HsJf8GpEa3Uk1Io6NxMtCq2Ab5D6w' };
export const PLATFORM_KEY = { ...organisationKey, name: 'Provisioning', role: null, platformRole: 'ADMIN' };
export const CREATED_PLATFORM_KEY = { ...PLATFORM_KEY, ...newKey };
export const PERSONAL_KEY = { ...organisationKey, name: 'My scripts', role: null, ...newKey };

export const ACCEPTED_BY_MEMBER = { memberships: [membership], redirectUrl: null };

/** An example for every body, by the name of its schema; pages are made of their rows. */
export const EXAMPLES: Readonly<Record<string, object>> = {
  SignIn: { email: ROBIN.email, password: PASSWORD },
  SignedIn: { ...SESSION, user },
  Session: {
    id: '019a9d20-6e4b-7f12-a1c8-4b7d9e2f0a35',
    createdAt: MONDAY,
    lastUsedAt: TUESDAY,
    expiresAt: SESSION.expiresAt,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    current: true,
  },
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

  ChangePlan: { invitationsEnabled: true, seatLimit: 25 },
  ChangeOrganisationStatus: { status: 'SUSPENDED' },
  Seats: { limit: 25, members: 8, pending: 2 },

  Member: { user: { ...KIM, ...KIMS_NAMES }, role: MEMBER, status: 'ACTIVE', joinedAt: TUESDAY },
  ChangeRole: { role: 'ADMIN' },
  ChangeMemberStatus: { status: 'SUSPENDED' },

  ApiKey: organisationKey,
  CreatedApiKey: { ...organisationKey, ...newKey },
  CreateApiKey: { name: 'My scripts' },
  CreateOrganisationApiKey: { name: 'Nightly import', role: 'MEMBER', expiresAt: '2027-11-16T09:00:00.000Z' },
  CreatePlatformApiKey: { name: 'Provisioning', platformRole: 'ADMIN' },

  MemberAccess: {
    permissions: [
      { permission: 'organisation:read', through: { role: MEMBER, scope: 'ORGANISATION' } },
      { permission: 'project:update', through: { role: EDITOR, scope: 'PROJECT' } },
    ],
  },

  Role: { ...SUPPORT, scope: 'ORGANISATION', projectKind: null, permissions: SUPPORTS_PERMISSIONS },
  CreateRole: { key: 'SUPPORT', name: 'Support', scope: 'ORGANISATION', permissions: SUPPORTS_PERMISSIONS },
  UpdateRole: { permissions: [...SUPPORTS_PERMISSIONS, 'invitations:read'] },
  PermissionList: {
    data: [
      { permission: 'members:read', scope: 'ORGANISATION' },
      { permission: 'project:read', scope: 'PROJECT' },
    ],
  },

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
