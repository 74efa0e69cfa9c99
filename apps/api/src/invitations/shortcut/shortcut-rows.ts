import { randomUUID } from 'node:crypto';
import type { Caller } from '../../access/caller.js';
import { hashOf } from '../../access/credential.js';
import { letterheadFrom } from '../../organisations/letterhead.js';
import { displayName } from '../../users/user.entity.js';
import type { GrantNames, InvitationPlace } from '../grants.js';
import { type Letter, letterOf } from '../invitation-letter.js';
import { newInvitationToken } from '../invitation-token.js';
import { invitationMail } from '../invitation.mail.js';
import type { InviteDto } from '../invite.dto.js';
import { newInvitationAt } from '../new-invitation.js';
import { reminderLead, reminderMoment } from '../reminder-moment.js';
import type { Facts, Ordinary } from './shortcut-facts.js';

/** Who invites whom to an organisation. */
export interface Wish {
  caller: Caller;
  place: InvitationPlace & { organisationId: string };
  request: InviteDto & GrantNames;
}

/** The invitation as it will stand in its table, but for the mail; and its secret. */
export function invitationRow({ caller, place, request }: Wish, facts: Facts, { grants }: Ordinary) {
  const { now } = facts;
  const token = newInvitationToken();
  const invitation = newInvitationAt(now, { caller, place, request, grants }, facts);
  return {
    token,
    row: {
      ...invitation,
      inviteeId: facts.inviteeId ?? randomUUID(),
      tokenHash: hashOf(token),
      linkShown: false,
      remindAt: reminderMoment(invitation, reminderLead(facts)),
      ...{ createdAt: now, updatedAt: now, lastSentAt: now },
    },
  };
}

/** Its mail. */
export const letterFor = (letter: Letter, { caller }: Wish, { platform, organisation, caller: sender }: Facts) =>
  letterOf(letter, {
    letterhead: letterheadFrom(platform, organisation),
    inviter: caller.type === 'user' ? displayName(sender) : null,
    write: invitationMail,
    recipientLimit: platform.limits.mailsPerRecipientPerDay,
  });
