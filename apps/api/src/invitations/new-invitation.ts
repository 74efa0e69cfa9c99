import { newId } from '@usher/database';
import type { Principal } from '../access/caller.js';
import type { Organisation } from '../organisations/organisation.entity.js';
import type { Platform } from '../platform/platform.entity.js';
import type { Grants, InvitationPlace } from './grants.js';
import type { Invitation } from './invitation.entity.js';
import type { InviteDto } from './invite.dto.js';

/** Who invites whom, where, and to what. */
export interface Begun {
  caller: Principal;
  place: InvitationPlace;
  request: InviteDto;
  grants: Grants;
}

/** What the request leaves to the organisation, and that to the platform. */
export const defaultsFor = (request: InviteDto, organisation: Organisation | null, platform: Platform) => ({
  expiryHours: request.expiresInHours ?? organisation?.settings.invitationExpiryHours ?? platform.invitationExpiryHours,
  locale: request.locale ?? organisation?.settings.defaultLocale ?? platform.defaultLocale,
});

const HOUR = 3_600_000;

export const hoursAfter = (moment: Date, hours: number): Date => new Date(moment.getTime() + hours * HOUR);

/** A new invitation where organisation, platform and the database's clock were read already. */
export function newInvitationAt(
  now: Date,
  begun: Begun,
  { organisation, platform }: { organisation: Organisation; platform: Platform },
) {
  const defaults = defaultsFor(begun.request, organisation, platform);
  return newInvitation(begun, { ...defaults, expiresAt: hoursAfter(now, defaults.expiryHours) });
}

/** A new invitation, but for its secret and the invitee's id. */
export const newInvitation = (
  { caller, place, request, grants }: Begun,
  rest: Pick<Invitation, 'locale' | 'expiryHours' | 'expiresAt'>,
) => ({
  id: newId(),
  organisationId: place.organisationId,
  place: place.id,
  type: place.type,
  ...fieldsOf(request),
  platformRole: grants.platformRole,
  roleId: grants.role?.id ?? null,
  invitedByType: caller.type,
  invitedById: caller.id,
  ...rest,
});

/** What the inviter said; what they left out is null, not missing. */
function fieldsOf(request: InviteDto) {
  const {
    email,
    givenName = null,
    familyName = null,
    message = null,
    redirectUrl = null,
    metadata = {},
    sendEmail = true,
    reminder = true,
  } = request;
  return { email, givenName, familyName, message, redirectUrl, metadata, sendEmail, reminder };
}
