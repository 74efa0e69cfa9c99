import type { MediaTypeObject } from '@nestjs/swagger';
import {
  ACCEPTED_BY_MEMBER,
  AUDIT_EXPORTS,
  CREATED_WITH_LINK,
  PLATFORM_INVITATION,
  PROJECT_INVITATION,
} from './examples.js';
import type { ProblemCode } from './problems.js';

/** What the route itself does not say of an operation. */
export interface OperationNotes {
  /** The name of the method in generated clients; it never changes. */
  id: string;
  /** What it may answer besides what every route of its kind may. */
  problems?: readonly ProblemCode[];
  /** Where a reader looks for it, when it is not where its controller is. */
  tag?: string;
  /** Works without a credential, and better with one. */
  credential?: 'optional';
  /** Example of its answer, where the schema's own does not fit. */
  answer?: object;
  /** What it answers instead when the Accept header asks for it. */
  alternatives?: Readonly<Record<string, MediaTypeObject>>;
}

const GRANTING = ['above_ceiling', 'role_not_found', 'already_member'] as const;
const INVITING = [...GRANTING, 'invitations_not_in_plan', 'project_not_found', 'invitation_pending'] as const;
const WITH_TOKEN = ['invitation_closed', 'too_many_attempts'] as const;
const HASHING = ['busy', 'too_many_attempts'] as const;

/** Every operation by method and path; a test names those that are missing here. */
export const OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'POST /auth/sign-in': { id: 'signIn', problems: ['invalid_credentials', ...HASHING] },
  'POST /auth/sign-out': { id: 'signOut' },
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

  'GET /platform': { id: 'getPlatform' },
  'PATCH /platform': { id: 'updatePlatform' },
  'GET /platform/invitations': { id: 'listPlatformInvitations' },
  'POST /platform/invitations': {
    id: 'inviteToPlatform',
    problems: ['above_ceiling', 'already_member', 'invitation_pending'],
    answer: PLATFORM_INVITATION,
  },

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
  'GET /organisations/{organisationId}/audit-events': { id: 'listAuditEvents', alternatives: AUDIT_EXPORTS },

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
    problems: ['above_ceiling', 'own_status', 'last_owner'],
  },

  'GET /organisations/{organisationId}/projects': { id: 'listProjects' },
  'POST /organisations/{organisationId}/projects': { id: 'createProject' },
  'GET /projects/{projectId}': { id: 'getProject' },
  'PATCH /projects/{projectId}': { id: 'updateProject' },
  'DELETE /projects/{projectId}': { id: 'deleteProject' },
  'GET /projects/{projectId}/members': { id: 'listProjectMembers' },
  'POST /projects/{projectId}/members': { id: 'addProjectMember', problems: GRANTING },
  'PUT /projects/{projectId}/members/{userId}/role': {
    id: 'changeProjectMemberRole',
    problems: ['above_ceiling', 'own_role', 'role_not_found'],
  },
  'DELETE /projects/{projectId}/members/{userId}': {
    id: 'removeProjectMember',
    problems: ['forbidden', 'above_ceiling'],
  },

  'GET /organisations/{organisationId}/invitations': { id: 'listOrganisationInvitations' },
  'POST /organisations/{organisationId}/invitations': { id: 'inviteToOrganisation', problems: INVITING },
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
      'already_member',
      'invitation_pending',
      'invitation_not_pending',
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

  'GET /healthz': { id: 'isAlive' },
  'GET /readyz': { id: 'isReady', problems: ['not_ready'] },
};
