import { HttpException } from '@nestjs/common';
import { type Grants, isSame, mayLink } from '../grants.js';
import {
  coolingDown,
  hasEverything,
  isCovered,
  pending,
  refuseAboveCeiling,
  refuseForeignRedirect,
} from '../invitation-checks.js';
import type { Sending } from '../invitation-sender.js';
import type { Invitation } from '../invitation.entity.js';
import { hoursAfter, newInvitationAt } from '../new-invitation.js';
import type { Facts, Open } from './bulk-facts.js';
import type { Ended, Row } from './bulk-rows.js';

/** An invitation to be made. */
export interface Creation {
  kind: 'creation';
  row: Row;
  grants: Grants;
  invitation: ReturnType<typeof newInvitationAt>;
}

/** An open invitation to be sent again with other grants. */
export interface Renewal {
  kind: 'renewal';
  row: Row;
  grants: Grants;
  open: Open;
  /** As it is sent now. */
  invitation: Sending['invitation'];
}

export type Plan = Creation | Renewal;

/** What a row leads to as long as there are seats and nobody was sent too much; throws what a request with this row alone would be refused with. */
export function decide(row: Row, facts: Facts): Plan | Ended {
  refuseForeignRedirect(facts.platform, row.request.redirectUrl);
  const grants = grantsOf(row, facts);
  refuseAboveCeiling(facts.holdings, grants);
  const standing = facts.standings.get(row.email);
  if (standing && isCovered(grants, standing)) return skipped(row, hasEverything());
  const open = facts.open.get(row.email);
  if (!open) return create(row, grants, facts);
  const { invitation } = open;
  if (isSame(grants, open.grants)) return { ...skipped(row, pending(invitation)), invitationId: invitation.id };
  refuseAboveCeiling(facts.holdings, open.grants);
  refuseWhileCoolingDown(invitation, facts);
  return renew(row, grants, open, facts);
}

function grantsOf({ index }: Row, { grants }: Facts): Grants {
  const named = grants.get(index);
  if (!named) throw new Error(`Nothing is known of row ${index}`);
  if (named instanceof HttpException) throw named;
  return named;
}

const skipped = ({ index, email }: Row, refusal: HttpException): Ended => ({
  index,
  email,
  outcome: 'skipped',
  refusal,
});

function create(row: Row, grants: Grants, facts: Facts): Creation {
  const { caller, place, now } = facts;
  const begun = { caller, place, request: row.request, grants };
  return { kind: 'creation', row, grants, invitation: newInvitationAt(now, begun, facts) };
}

/** Grants and names are the row's; everything else stays as the invitation has it. */
function renew(row: Row, grants: Grants, open: Open, facts: Facts): Renewal {
  const { givenName, familyName } = row.request;
  const names = { ...(givenName ? { givenName } : {}), ...(familyName ? { familyName } : {}) };
  const invitation = { ...open.invitation, ...names, expiresAt: hoursAfter(facts.now, open.invitation.expiryHours) };
  return { kind: 'renewal', row, grants, open, invitation };
}

function refuseWhileCoolingDown({ sendCount, lastSentAt }: Invitation, { now, platform }: Facts): void {
  const { resendCooldownSeconds } = platform.limits;
  if (!resendCooldownSeconds || sendCount < 2) return;
  const seconds = Math.ceil((lastSentAt.getTime() - now.getTime()) / 1_000 + resendCooldownSeconds);
  if (seconds > 0) throw coolingDown(seconds);
}

/** What a plan sends. */
export const sendingOf = ({ invitation, grants }: Plan, { caller, holdings, place }: Facts): Sending => ({
  caller,
  invitation,
  grants,
  mayLink: mayLink(holdings, place),
});
