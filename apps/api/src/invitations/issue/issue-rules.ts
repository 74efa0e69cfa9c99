import type { HttpException } from '@nestjs/common';
import { invalid, problem } from '@usher/http';
import { covers, PLATFORM_ROLE_PERMISSIONS } from '../../access/permissions.js';
import { mayRedirectTo } from '../../platform/platform.entity.js';
import { maySend, permissionsIn } from '../grants.js';
import type { Invitation, InvitationType } from '../invitation.entity.js';
import type { PersonRow } from './issue-context.repository.js';
import type { Proposal } from './proposal.js';

/** Throws what a proposal is refused with, or `NothingToDo`. It asks the proposal and its context, and nothing else. */
export type Rule = (proposal: Proposal) => void;
/** Asks the context alone: all requests of one call are refused alike. */
type ContextRule = (proposal: Pick<Proposal, 'context'>) => void;

/** There is nothing to do; `problem` is why, where a request that had to do something would be refused. */
export class NothingToDo extends Error {
  constructor(readonly problem?: HttpException) {
    super();
  }
}

/** The guard looked before the transaction; since then the caller may have been demoted or removed. */
const mayInvite: ContextRule = ({ context: { holdings, place } }) => {
  if (!maySend(holdings, place)) throw problem(403, 'forbidden', 'Your role no longer lets you invite people here.');
};

const GRANTED_IN: Record<InvitationType, string[]> = {
  PLATFORM: ['platformRole'],
  ORGANISATION: ['role', 'projects'],
  PROJECT: ['role'],
};

/** A change must fit the place where the invitation was issued. */
const fitsPlace: Rule = ({ existing, request: { grants }, whenPending }) => {
  if (!existing || whenPending !== 'change' || typeof grants !== 'object') return;
  const { type } = existing.invitation;
  const fits = GRANTED_IN[type];
  for (const field of ['role', 'projects', 'platformRole'] as const) {
    if (grants[field] === undefined || fits.includes(field)) continue;
    throw invalid(field, `${field} cannot be given with an invitation of type ${type}; it takes ${fits.join(' and ')}`);
  }
};

const redirectAllowed: Rule = ({ request: { redirectUrl }, context: { platform } }) => {
  if (redirectUrl === undefined || mayRedirectTo(platform, redirectUrl)) return;
  const detail = "redirectUrl must be on one of the platform's redirectOrigins; ask its admins to add the origin";
  throw invalid('redirectUrl', detail);
};

const inPlan: ContextRule = ({ context: { organisation } }) => {
  if (!organisation || organisation.invitationsEnabled) return;
  const detail = "Inviting people is not in this organisation's plan. Ask the platform's staff.";
  throw problem(402, 'invitations_not_in_plan', detail);
};

const grantsFound: Rule = (proposal) => void proposal.grants;

/** Of what it grants, and of what it granted before: nobody touches what grants more than they hold. */
const withinCeiling: Rule = ({ existing, grants, whenPending, context: { holdings } }) => {
  const touched = existing && whenPending !== 'refuse' ? [existing.grants, grants] : [grants];
  if (touched.every((each) => holdings.cover(permissionsIn(each)))) return;
  const detail = 'This invitation grants more than you hold. Choose a lower role, or ask somebody who holds as much.';
  throw problem(403, 'above_ceiling', detail);
};

const notEnded: Rule = ({ existing }) => {
  if (existing && !existing.invitation.canBeSent) throw notPending(existing.invitation);
};

const notMember: Rule = (proposal) => {
  const person = proposal.context.people.get(proposal.email);
  if (!proposal.sends || !person) return;
  if (person.status !== null) refuseMember(person, proposal);
  if (holdsAll(person, proposal))
    throw new NothingToDo(problem(409, 'already_member', 'This person has all of that already.'));
};

/** Members who are not to be invited, however little they hold. */
function refuseMember({ status }: PersonRow, { grants: { onlyNewcomers } }: Proposal): void {
  if (status !== 'ACTIVE')
    throw problem(409, 'already_member', 'This person is a suspended member. Reactivate them instead.');
  if (onlyNewcomers)
    throw problem(409, 'already_member', 'This person belongs to the organisation already. Change their role instead.');
}

function holdsAll({ platformRole, status, permissions, projects }: PersonRow, { grants }: Proposal): boolean {
  if (grants.platformRole) {
    return covers(new Set(PLATFORM_ROLE_PERMISSIONS[platformRole]), PLATFORM_ROLE_PERMISSIONS[grants.platformRole]);
  }
  const held = permissions ?? [];
  const inProject = (id: string): ReadonlySet<string> => new Set([...held, ...(projects[id] ?? [])]);
  return (
    status !== null &&
    covers(new Set(held), grants.role?.permissions ?? []) &&
    grants.projects.every(({ project, role }) => covers(inProject(project.id), role.permissions))
  );
}

const onlyOneOpen: Rule = ({ existing, whenPending, isSame, sends, other, request }) => {
  if (request.invitationId) return sends ? refuseBeside(other) : undefined;
  if (!existing) return;
  if (whenPending === 'refuse') throw pending(existing.invitation);
  if (whenPending === 'resend-if-changed' && isSame) throw new NothingToDo(pending(existing.invitation));
};

function refuseBeside(other: Invitation | null): void {
  if (other && !other.isLapsed) throw pending(other);
}

const seatLeft: Rule = ({ context, sends, email }) => {
  if (sends) context.seats.refuse(email);
};

const cooledDown: Rule = (proposal) => {
  const seconds = proposal.sends ? secondsOfCoolDown(proposal) : 0;
  if (seconds <= 0) return;
  if (proposal.isSame && !proposal.request.invitationId) throw new NothingToDo();
  const detail = `This person got a mail a moment ago. Try again in ${seconds} seconds.`;
  throw problem(429, 'resend_cooldown', detail, { retryAfter: seconds });
};

/** Counts from the second mail on, so that a first mail that was lost can be sent again at once; 0 or less: it is over. */
function secondsOfCoolDown({ existing, context: { now, platform } }: Proposal): number {
  const { resendCooldownSeconds } = platform.limits;
  if (!existing || !resendCooldownSeconds || existing.invitation.sendCount < 2) return 0;
  const { lastSentAt } = existing.invitation;
  return Math.ceil((lastSentAt.getTime() - now.getTime()) / 1_000 + resendCooldownSeconds);
}

const withinLimits: Rule = ({ context, sends, sending }) => {
  if (sends) context.allowance.refuse(sending);
};

/** The order of refusals, stated once. A new rule is one function and one line here. */
export const RULES: Rule[] = [
  mayInvite,
  fitsPlace,
  redirectAllowed,
  inPlan,
  grantsFound,
  withinCeiling,
  notEnded,
  notMember,
  onlyOneOpen,
  seatLeft,
  cooledDown,
  withinLimits,
];

/** What many requests are refused with as a whole. */
export const CONTEXT_RULES: readonly ContextRule[] = [mayInvite, inPlan];

export const notPending = ({ currentStatus }: Invitation) =>
  problem(409, 'invitation_not_pending', `This invitation is ${currentStatus}. Invite the person anew.`);

const pending = ({ id }: Invitation) =>
  problem(409, 'invitation_pending', 'This address has an open invitation here. Resend or change that one.', {
    invitationId: id,
  });
