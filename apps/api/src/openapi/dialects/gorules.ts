import { ACME, gorulesInvitation, KIM, MEMBER, MONDAY, ROBIN } from '../example-story.js';
import type { OperationNotes } from '../operation-notes.js';
import type { ProblemCode } from '../problems.js';

/** The organisation is the credential's, or named in the query. */
const IN_ORGANISATION: readonly ProblemCode[] = ['not_found', 'membership_suspended', 'organisation_suspended'];
const SENDING: readonly ProblemCode[] = [
  ...IN_ORGANISATION,
  'above_ceiling',
  'invitations_not_in_plan',
  'seat_limit_reached',
  'sending_limit_reached',
];

const { userId, ...shown } = gorulesInvitation;
const paginate = { current: 1, from: 1, to: 1, total: 1, pageSize: 10 };

const INVITATIONS = {
  results: [
    {
      ...shown,
      acceptedAt: null,
      createdBy: { id: ROBIN.id, name: 'Robin Doe' },
      user: { id: userId, email: KIM.email },
      organisation: { id: ACME.id, name: ACME.name },
    },
  ],
  paginate,
};

const USERS = {
  results: [
    {
      id: userId,
      email: KIM.email,
      type: 'invited',
      status: 'active',
      createdAt: MONDAY,
      updatedAt: MONDAY,
      firstName: null,
      lastName: null,
      isService: false,
      roles: [{ id: MEMBER.id, name: MEMBER.name }],
    },
  ],
  paginate,
};

/** What the routes do not say of themselves. The vendor documents no errors: they are Usher's own. */
export const GORULES_OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'POST /api/users/{userId}/invitation': {
    id: 'gorulesSendInvitation',
    problems: [
      ...SENDING,
      'role_not_found',
      'project_not_found',
      'already_member',
      'invitation_pending',
      'invitation_not_pending',
      'resend_cooldown',
    ],
  },
  'POST /api/users': { id: 'gorulesInviteUsers', problems: SENDING, answer: [gorulesInvitation] },
  'GET /api/users': { id: 'gorulesListUsers', problems: IN_ORGANISATION, answer: USERS },
  'GET /api/invitations': { id: 'gorulesListInvitations', problems: IN_ORGANISATION, answer: INVITATIONS },
};
