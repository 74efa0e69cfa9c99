import {
  AUDIT_EXPORTS,
  BOUNCE,
  INVITATIONS_IN_CSV,
  ACCEPTED_BY_MEMBER,
  CREATED_WITH_LINK,
  PLATFORM_INVITATION,
  PROJECT_INVITATION,
  CREATED_PLATFORM_KEY,
  PERSONAL_KEY,
  PLATFORM_KEY,
} from './example-story.js';
import { ACTIVEPIECES_OPERATIONS } from './dialects/activepieces.js';
import { DEEPSET_OPERATIONS } from './dialects/deepset.js';
import { GORULES_OPERATIONS } from './dialects/gorules.js';
import { WIREMOCK_OPERATIONS } from './dialects/wiremock.js';
import type { OperationNotes } from './operation-notes.js';

const GRANTING = ['above_ceiling', 'role_not_found', 'already_member'] as const;
const OF_ONE = [
  ...GRANTING,
  'project_not_found',
  'invitation_pending',
  'seat_limit_reached',
  'sending_limit_reached',
] as const;
const INVITING = ['invitations_not_in_plan', ...OF_ONE] as const;
const WITH_TOKEN = ['invitation_closed', 'too_many_attempts'] as const;
const WITH_OPT_OUT_TOKEN = ['opt_out_closed', 'too_many_attempts'] as const;
const HASHING = ['busy', 'too_many_attempts'] as const;

/** Every operation by method and path; a test names those that are missing here. */
export const OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'POST /auth/sign-in': { id: 'signIn', problems: ['invalid_credentials', ...HASHING] },
  'POST /auth/sign-out': { id: 'signOut' },
  'GET /auth/sessions': { id: 'listSessions' },
  'DELETE /auth/sessions/{id}': { id: 'endSession' },
  'DELETE /auth/sessions': { id: 'endOtherSessions' },
  'POST /auth/password-resets': { id: 'requestPasswordReset' },
  'POST /auth/password-resets/confirm': { id: 'confirmPasswordReset', problems: ['password_reset_closed', ...HASHING] },

  'GET /me': { id: 'getMe' },
  'PATCH /me': { id: 'updateMe' },
  'PUT /me/password': { id: 'changeMyPassword', tag: 'me', problems: ['wrong_password', ...HASHING] },
  'GET /me/memberships': { id: 'listMyMemberships' },
  'GET /me/invitations': { id: 'listMyInvitations' },
  'POST /me/invitations/{id}/accept': {
    id: 'acceptMyInvitation',
    problems: ['invitation_closed'],
    answer: ACCEPTED_BY_MEMBER,
  },
  'POST /me/invitations/{id}/decline': { id: 'declineMyInvitation', problems: ['invitation_closed'] },

  'GET /me/api-keys': { id: 'listMyApiKeys' },
  'POST /me/api-keys': { id: 'createMyApiKey', problems: ['too_many_api_keys'], answer: PERSONAL_KEY },
  'DELETE /me/api-keys/{id}': { id: 'revokeMyApiKey' },

  'GET /platform': { id: 'getPlatform' },
  'PATCH /platform': { id: 'updatePlatform' },
  'GET /platform/invitations': { id: 'listPlatformInvitations' },
  'POST /platform/invitations': {
    id: 'inviteToPlatform',
    problems: ['above_ceiling', 'already_member', 'invitation_pending', 'sending_limit_reached'],
    answer: PLATFORM_INVITATION,
  },

  'GET /platform/api-keys': { id: 'listPlatformApiKeys', answer: { data: [PLATFORM_KEY], nextCursor: null } },
  'POST /platform/api-keys': {
    id: 'createPlatformApiKey',
    problems: ['above_ceiling', 'too_many_api_keys'],
    answer: CREATED_PLATFORM_KEY,
  },
  'DELETE /platform/api-keys/{keyId}': { id: 'revokePlatformApiKey', problems: ['above_ceiling'] },
  'GET /platform/audit-events': { id: 'listPlatformAuditEvents', alternatives: AUDIT_EXPORTS },

  'GET /users': { id: 'listUsers' },
  'GET /users/{userId}': { id: 'getUser' },
  'PATCH /users/{userId}': { id: 'updateUser', problems: ['last_platform_admin'] },
  'DELETE /users/{userId}': { id: 'eraseUser', problems: ['last_platform_admin'] },

  'GET /organisations': { id: 'listOrganisations' },
  'POST /organisations': { id: 'createOrganisation', problems: ['forbidden', 'already_member'] },
  'GET /organisations/{organisationId}': { id: 'getOrganisation' },
  'PATCH /organisations/{organisationId}': { id: 'updateOrganisation' },
  'DELETE /organisations/{organisationId}': { id: 'deleteOrganisation' },
  'POST /organisations/{organisationId}/mail-preview': { id: 'previewMail' },
  'GET /organisations/{organisationId}/audit-events': { id: 'listAuditEvents', alternatives: AUDIT_EXPORTS },

  'PUT /organisations/{organisationId}/plan': { id: 'changeOrganisationPlan' },
  'PUT /organisations/{organisationId}/status': { id: 'changeOrganisationStatus' },
  'GET /organisations/{organisationId}/seats': { id: 'getSeats' },

  'GET /organisations/{organisationId}/members': { id: 'listMembers' },
  'GET /organisations/{organisationId}/members/{userId}': { id: 'getMember' },
  'DELETE /organisations/{organisationId}/members/{userId}': {
    id: 'removeMember',
    problems: ['forbidden', 'above_ceiling', 'last_owner'],
  },
  'PUT /organisations/{organisationId}/members/{userId}/role': {
    id: 'changeMemberRole',
    problems: ['above_ceiling', 'own_role', 'role_not_found', 'last_owner'],
  },
  'PUT /organisations/{organisationId}/members/{userId}/status': {
    id: 'changeMemberStatus',
    problems: ['above_ceiling', 'own_status', 'last_owner', 'seat_limit_reached'],
  },

  'GET /organisations/{organisationId}/members/{userId}/access': {
    id: 'explainMemberAccess',
    problems: ['forbidden', 'project_not_found'],
  },

  'GET /organisations/{organisationId}/roles': { id: 'listRoles' },
  'POST /organisations/{organisationId}/roles': {
    id: 'createRole',
    problems: ['above_ceiling', 'role_key_taken', 'too_many_roles'],
  },
  'PATCH /roles/{roleId}': { id: 'updateRole', problems: ['built_in_role', 'above_ceiling'] },
  'DELETE /roles/{roleId}': { id: 'deleteRole', problems: ['built_in_role', 'above_ceiling', 'role_in_use'] },
  'GET /permissions': { id: 'getPermissions' },

  'GET /organisations/{organisationId}/projects': { id: 'listProjects' },
  'POST /organisations/{organisationId}/projects': { id: 'createProject' },
  'GET /projects/{projectId}': { id: 'getProject' },
  'PATCH /projects/{projectId}': { id: 'updateProject' },
  'DELETE /projects/{projectId}': { id: 'deleteProject' },
  'GET /projects/{projectId}/members': { id: 'listProjectMembers' },
  'POST /projects/{projectId}/members': { id: 'addProjectMember', problems: GRANTING },
  'PUT /projects/{projectId}/members/{userId}/role': {
    id: 'changeProjectMemberRole',
    request: { role: 'VIEWER' },
    problems: ['above_ceiling', 'own_role', 'role_not_found'],
  },
  'DELETE /projects/{projectId}/members/{userId}': {
    id: 'removeProjectMember',
    problems: ['forbidden', 'above_ceiling'],
  },

  'GET /organisations/{organisationId}/api-keys': { id: 'listApiKeys' },
  'POST /organisations/{organisationId}/api-keys': {
    id: 'createApiKey',
    problems: ['role_not_found', 'above_ceiling', 'too_many_api_keys'],
  },
  'DELETE /organisations/{organisationId}/api-keys/{keyId}': { id: 'revokeApiKey', problems: ['above_ceiling'] },

  'GET /organisations/{organisationId}/invitations': { id: 'listOrganisationInvitations' },
  'POST /organisations/{organisationId}/invitations': { id: 'inviteToOrganisation', problems: INVITING },
  'POST /organisations/{organisationId}/invitations/bulk': {
    id: 'inviteManyToOrganisation',
    problems: ['invitations_not_in_plan', 'busy'],
    rowProblems: ['validation_failed', 'duplicate_in_request', ...OF_ONE, 'resend_cooldown'],
    bodies: INVITATIONS_IN_CSV,
  },
  'GET /projects/{projectId}/invitations': { id: 'listProjectInvitations' },
  'POST /projects/{projectId}/invitations': { id: 'inviteToProject', problems: INVITING, answer: PROJECT_INVITATION },
  'GET /invitations/{invitationId}': { id: 'getInvitation' },
  'PATCH /invitations/{invitationId}': {
    id: 'changeInvitation',
    problems: [...INVITING, 'invitation_not_pending', 'resend_cooldown'],
  },
  'DELETE /invitations/{invitationId}': {
    id: 'revokeInvitation',
    problems: ['above_ceiling', 'invitation_not_pending'],
  },
  'POST /invitations/{invitationId}/resend': {
    id: 'resendInvitation',
    problems: [
      'above_ceiling',
      'invitations_not_in_plan',
      'role_not_found',
      'project_not_found',
      'seat_limit_reached',
      'already_member',
      'invitation_pending',
      'invitation_not_pending',
      'sending_limit_reached',
      'resend_cooldown',
    ],
    answer: CREATED_WITH_LINK,
  },

  'POST /invitations/lookup': { id: 'lookUpInvitation', problems: WITH_TOKEN },
  'POST /invitations/accept': {
    id: 'acceptInvitation',
    problems: ['sign_in_required', 'wrong_account', ...WITH_TOKEN, 'busy'],
    credential: 'optional',
  },
  'POST /invitations/decline': { id: 'declineInvitation', problems: WITH_TOKEN },
  'POST /invitations/renewal-requests': { id: 'requestInvitationRenewal' },
  'POST /invitations/refusals/lookup': { id: 'lookUpMailRefusals', problems: WITH_OPT_OUT_TOKEN },
  'POST /invitations/refusals': { id: 'changeMailRefusals', problems: WITH_OPT_OUT_TOKEN },

  'POST /mail-events': {
    id: 'reportMailEvents',
    problems: ['unknown_sender', 'not_found', 'too_many_attempts'],
    bodies: BOUNCE,
  },

  ...ACTIVEPIECES_OPERATIONS,
  ...DEEPSET_OPERATIONS,
  ...GORULES_OPERATIONS,
  ...WIREMOCK_OPERATIONS,

  'GET /healthz': { id: 'isAlive' },
  'GET /metrics': { id: 'getMetrics' },
  'GET /readyz': { id: 'isReady', problems: ['not_ready'] },
};
