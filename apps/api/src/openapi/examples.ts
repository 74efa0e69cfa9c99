import {
  ACME,
  WEBSITE_ID,
  INVITATION_ID,
  MONDAY,
  TUESDAY,
  LINK_TOKEN,
  OPT_OUT_TOKEN,
  SESSION,
  MEMBER,
  EDITOR,
  SUPPORT,
  SUPPORTS_PERMISSIONS,
  ROBIN,
  ROBINS_NAMES,
  KIM,
  KIMS_NAMES,
  PASSWORD,
  MESSAGE,
  user,
  limits,
  settings,
  face,
  mailPreview,
  membership,
  invitation,
  MAIL_EVENTS,
  shownToKim,
  auditEvent,
  organisationKey,
  newKey,
  gorulesInvitation,
} from './example-story.js';

const WIREMOCK_INVITATION = {
  id: INVITATION_ID,
  senderId: ROBIN.id,
  recipientEmailAddress: KIM.email,
  newUser: true,
  role: 'team_member',
  aclObjectId: WEBSITE_ID,
  created: MONDAY.replace('Z', '000Z'),
  links: { self: `/v1/organisations/${ACME.shortId}/invitations/${INVITATION_ID}` },
};

const MAIL_IS_UP = { status: 'up', channel: 'smtp', state: 'open' };

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
  UpdateUser: { givenName: 'Robin', familyName: 'Doe' },
  Membership: membership,

  Platform: {
    name: 'Usher',
    organisationCreation: 'admins',
    redirectOrigins: ['https://app.example.com'],
    logoOrigins: ['https://assets.example.com'],
    ...settings,
    limits,
  },
  UpdatePlatform: { redirectOrigins: ['https://app.example.com'], limits },

  AuditEvent: auditEvent,

  Organisation: {
    ...ACME,
    status: 'ACTIVE',
    plan: { invitationsEnabled: true, seatLimit: null },
    settings: { ...settings, ...face },
    createdAt: MONDAY,
    updatedAt: MONDAY,
  },
  CreateOrganisation: { name: ACME.name },
  UpdateOrganisation: { settings: face },
  PreviewMail: { template: 'invitation', locale: 'de' },
  MailPreview: mailPreview,

  ChangePlan: { invitationsEnabled: true, seatLimit: 25 },
  ChangeOrganisationStatus: { status: 'SUSPENDED' },
  Seats: { limit: 25, members: 8, pending: 2 },

  Member: { user: { ...KIM, ...KIMS_NAMES }, role: MEMBER, status: 'ACTIVE', joinedAt: TUESDAY },
  ChangeRole: { role: 'MEMBER' },
  ChangeMemberStatus: { status: 'SUSPENDED' },

  ApiKey: organisationKey,
  CreatedApiKey: { ...organisationKey, ...newKey },
  CreateApiKey: { name: 'My scripts' },
  CreateOrganisationApiKey: { name: 'Nightly import', role: 'MEMBER', expiresAt: '2027-11-16T09:00:00.000Z' },
  CreatePlatformApiKey: { name: 'Provisioning', platformRole: 'OPERATOR' },

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
    ...KIMS_NAMES,
    message: MESSAGE,
    metadata: { employeeNumber: 4711 },
  },
  BulkInvitations: {
    invitations: [
      { email: KIM.email, role: 'MEMBER' },
      { email: 'lee@example.com', role: 'MEMBER', givenName: 'Lee' },
    ],
    dryRun: false,
  },
  BulkResults: {
    results: [
      { index: 0, email: KIM.email, outcome: 'created', invitation },
      {
        index: 1,
        email: 'lee@example.com',
        outcome: 'failed',
        problem: {
          status: 400,
          code: 'validation_failed',
          detail: 'The request is not valid: see givenName.',
          errors: [{ pointer: '#/givenName', detail: 'givenName must not hold a web address' }],
        },
      },
    ],
  },
  InviteToProject: { email: KIM.email, role: 'EDITOR', ...KIMS_NAMES, message: MESSAGE },
  InviteToPlatform: { email: KIM.email, platformRole: 'OPERATOR', ...KIMS_NAMES },
  ChangeInvitation: { message: MESSAGE, expiresInHours: 72 },
  ResendInvitation: { sendEmail: false },

  Token: { token: LINK_TOKEN },
  InvitationLookup: shownToKim,
  MyInvitation: { id: INVITATION_ID, ...shownToKim, accountExists: true },
  AcceptInvitation: { token: LINK_TOKEN, ...KIMS_NAMES, password: PASSWORD },
  OptOutToken: { token: OPT_OUT_TOKEN },
  ChangeRefusals: { token: OPT_OUT_TOKEN, organisation: true },
  Refusals: {
    email: shownToKim.email,
    organisation: shownToKim.organisation,
    refused: { organisation: true, platform: false },
  },
  Accepted: { memberships: [membership], session: SESSION, redirectUrl: null },

  MailEvents: MAIL_EVENTS,
  MailEventsTaken: { applied: 2, ignored: 0 },

  Liveness: { status: 'ok' },
  Readiness: {
    status: 'ok',
    info: { database: { status: 'up' }, migrations: { status: 'up' }, mail: MAIL_IS_UP },
    error: {},
    details: { database: { status: 'up' }, migrations: { status: 'up' }, mail: MAIL_IS_UP },
  },

  // WireMock
  WiremockInvitationRequest: {
    invitation: { role: 'team_member', aclObjectId: WEBSITE_ID, recipientEmailAddress: KIM.email },
  },
  WiremockInvitation: { invitation: WIREMOCK_INVITATION },
  WiremockInvitations: { invitations: [WIREMOCK_INVITATION] },
  // Activepieces
  ActivepiecesInvite: { type: 'PROJECT', email: KIM.email, projectId: WEBSITE_ID, projectRole: 'Editor' },
  ActivepiecesAccept: { invitationToken: LINK_TOKEN },
  // GoRules
  GorulesInvite: { emails: [KIM.email] },
  GorulesInvitation: gorulesInvitation,
  // deepset
  DeepsetInvite: {
    given_name: KIMS_NAMES.givenName,
    family_name: KIMS_NAMES.familyName,
    email: KIM.email,
    role: 'Search user',
  },
};
