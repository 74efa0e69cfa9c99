import type { InvitationDto } from '../../invitations/invitation.dto.js';
import type { Membership } from '../../organisations/membership.entity.js';
import type { NumberedPage } from '../../invitations/invitation-view.repository.js';
import type {
  GorulesInvitationDto,
  GorulesInvitationQuery,
  GorulesListedInvitationDto,
  GorulesStatus,
} from './gorules.dto.js';

const STORED = { pending: 'PENDING', accepted: 'ACCEPTED' } as const;

const statusOf = ({ status }: InvitationDto): GorulesStatus => (status === 'ACCEPTED' ? 'accepted' : 'pending');

/** In an organisation every invitation has an invitee. */
const inviteeOf = ({ inviteeId }: InvitationDto): string => inviteeId!;

const expiryOf = ({ status, expiresAt }: InvitationDto): Date | null => (status === 'ACCEPTED' ? null : expiresAt);

export const invitationSent = (invitation: InvitationDto): GorulesInvitationDto => ({
  id: invitation.id,
  email: invitation.email,
  status: statusOf(invitation),
  userId: inviteeOf(invitation),
  createdAt: invitation.createdAt,
  expiresAt: expiryOf(invitation),
});

/** Of somebody who is in without an invitation, as who made the organisation is. */
export const invitationOfMember = ({ user, joinedAt }: Membership): GorulesInvitationDto => ({
  id: user.id,
  email: user.email,
  status: 'accepted',
  userId: user.id,
  createdAt: joinedAt,
  expiresAt: null,
});

export const invitationListed = (invitation: InvitationDto): GorulesListedInvitationDto => ({
  id: invitation.id,
  email: invitation.email,
  expiresAt: expiryOf(invitation),
  createdAt: invitation.createdAt,
  acceptedAt: invitation.acceptedAt,
  status: statusOf(invitation),
  createdBy: invitation.invitedBy && { id: invitation.invitedBy.id, name: invitation.invitedBy.name },
  user: { id: inviteeOf(invitation), email: invitation.email },
  organisation: { id: invitation.organisation!.id, name: invitation.organisation!.name },
});

export const pageOf = ({ page = 1, perPage = 10, search, status }: GorulesInvitationQuery): NumberedPage => ({
  page,
  perPage,
  search,
  status: status && STORED[status],
});
