import { HttpException } from '@nestjs/common';
import { problem } from '@usher/http';
import { maySend, permissionsIn, placeOf, rolesIn } from '../grants.js';
import type { InvitationType } from '../invitation.entity.js';
import { maskAddress } from '../../users/masked-address.js';
import { closed } from '../invitee.service.js';
import type { AcceptContext } from './accept-context.js';

/** Throws what an acceptance is refused with. It asks the context, and nothing else. */
export type AcceptRule = (context: AcceptContext) => void;

const isOpen: AcceptRule = ({ invitation }) => {
  if (!invitation.isOpen) throw closed();
};

const isForCaller: AcceptRule = ({ caller, invitation: { email } }) => {
  if (!caller || caller.email === email) return;
  const address = maskAddress(email);
  throw problem(403, 'wrong_account', `This invitation is for ${address}. Sign out, and sign in with that address.`, {
    email: address,
  });
};

const isSignedIn: AcceptRule = ({ caller, accountExists }) => {
  if (caller || !accountExists) return;
  throw problem(401, 'sign_in_required', 'There is an account for this address. Sign in with it, then accept.');
};

const organisationActive: AcceptRule = ({ organisationStatus }) => {
  if (organisationStatus !== null && organisationStatus !== 'ACTIVE') throw closed();
};

/** Removed, demoted or suspended since: then the invitation is worth nothing. */
const inviterCouldStillSend: AcceptRule = ({ inviter, invitation, grants }) => {
  if (!maySend(inviter, placeOf(invitation)) || !inviter.cover(permissionsIn(grants))) throw closed();
};

const projectExists: AcceptRule = ({ invitation: { type }, grants }) => {
  if (type === 'PROJECT' && grants.projects.length === 0) throw closed();
};

const rolesExist: AcceptRule = ({ grants }) => {
  if (rolesIn(grants).some(({ deletedAt }) => deletedAt !== null)) throw closed();
};

const notSuspended: AcceptRule = ({ membership }) => {
  if (membership && membership.status !== 'ACTIVE') throw closed();
};

/** What holds of the invitation itself, whoever accepts it. */
const OF_THE_INVITATION: AcceptRule[] = [organisationActive, inviterCouldStillSend, projectExists, rolesExist];

/** The order of refusals, stated once. A new rule is one function and one line here. */
export const ACCEPT_RULES: AcceptRule[] = [isOpen, isForCaller, isSignedIn, ...OF_THE_INVITATION, notSuspended];

/** Whether anybody could accept it: if not, there is nothing to remind of. */
export function couldBeAccepted(context: AcceptContext): boolean {
  try {
    for (const rule of [isOpen, ...OF_THE_INVITATION]) rule(context);
    return true;
  } catch (refusal) {
    if (refusal instanceof HttpException) return false;
    throw refusal;
  }
}

/** For wire formats that know some types alone. */
export const isOneOf =
  (types: readonly InvitationType[]): AcceptRule =>
  ({ invitation }) => {
    if (!types.includes(invitation.type)) throw closed();
  };

/** The same person asks again, and is still a member: they get the same answer. */
export function isReplay({ caller, invitation, membership }: AcceptContext): boolean {
  if (!caller || invitation.status !== 'ACCEPTED' || invitation.acceptedById !== caller.id) return false;
  return invitation.organisationId === null || membership?.status === 'ACTIVE';
}
