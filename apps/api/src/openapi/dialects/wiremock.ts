import type { OperationNotes } from '../operation-notes.js';

/** What the routes do not say of themselves. */
export const WIREMOCK_OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'GET /v1/organisations/{organisationId}/invitations': { id: 'wiremockListInvitations' },
  'POST /v1/organisations/{organisationId}/invitations': {
    id: 'wiremockInvite',
    problems: [
      'above_ceiling',
      'invitations_not_in_plan',
      'project_not_found',
      'already_member',
      'invitation_pending',
      'invitation_not_pending',
      'seat_limit_reached',
      'sending_limit_reached',
      'resend_cooldown',
    ],
  },
  'GET /v1/organisations/{organisationId}/invitations/{invitationId}': { id: 'wiremockGetInvitation' },
  'DELETE /v1/organisations/{organisationId}/invitations/{invitationId}': {
    id: 'wiremockRevokeInvitation',
    problems: ['above_ceiling', 'invitation_not_pending'],
  },
};
