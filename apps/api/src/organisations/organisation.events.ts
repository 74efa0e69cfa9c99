import type { Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';

/** An organisation was made, and somebody is to be invited as its OWNER. */
export class OwnerWanted {
  constructor(
    readonly organisationId: string,
    readonly email: string,
    readonly caller: Caller,
  ) {}
}

/** Somebody's rights in an organisation became fewer: demoted, suspended or removed, there or in one of its projects. */
export class MemberRightsReduced {
  constructor(
    readonly organisationId: string,
    readonly userId: string,
    /** Set when only their rights in this project changed. */
    readonly projectId: string | null = null,
  ) {}
}

/** A suspended member is coming back, and needs a seat again. */
export class SeatWanted {
  constructor(
    readonly organisationId: string,
    readonly email: string,
  ) {}
}

/** The API keys of the organisation that somebody made shall end with their membership. */
export class MemberKeysUnwanted {
  constructor(
    readonly organisationId: string,
    readonly userId: string,
    /** What who wants it holds: nobody ends a key that holds more. */
    readonly holdings: Holdings,
  ) {}
}

/** An organisation is about to be deleted with everything in it. */
export class OrganisationDeleted {
  constructor(readonly organisationId: string) {}
}
