import { Injectable } from '@nestjs/common';
import { PageQuery, problem } from '@usher/http';
import type { Person } from '../access/caller.js';
import { hashOf } from '../access/credential.js';
import { WrongTokens } from '../auth/wrong-tokens.js';
import type { InvitationLookupDto, MyInvitationPageDto } from './invitee.dto.js';
import { type Found, InviteeRepository } from './invitee.repository.js';

/** What a link's holder may know of an invitation that was accepted or has expired. */
interface Ended {
  reason: 'accepted' | 'expired';
  organisation: InvitationLookupDto['organisation'];
  expiresAt: Date;
}

/** One answer for unknown, revoked, declined and withdrawn: nothing can be learnt from it. */
export const closed = (ended?: Ended) =>
  problem(
    410,
    'invitation_closed',
    'This invitation is no longer open. Ask for a fresh link, or ask who invited you.',
    ended,
  );

export const notFoundForYou = () => problem(404, 'not_found', 'There is no invitation with this id for you.');

/** What the person invited sees of an invitation. */
@Injectable()
export class InviteeService {
  constructor(
    private readonly invitees: InviteeRepository,
    private readonly wrongTokens: WrongTokens,
  ) {}

  /** By its first link or its reminder's; 410 for one that is not open, with its end if it was accepted or has expired, and 429 after 30 tokens in a minute that belong to none. */
  async lookup(token: string): Promise<InvitationLookupDto> {
    await this.wrongTokens.refuseGuesser();
    const found = await this.invitees.byToken(hashOf(token));
    if (!found) await this.wrongTokens.count();
    if (!found || found.organisationStatus === 'SUSPENDED') throw closed();
    if (found.status !== 'PENDING' || found.isLapsed) throw closed(endOf(found));
    const { id: _id, ...shown } = found.shown;
    return shown;
  }

  /** Open invitations to the caller's address; none until a mail to it is proven to have arrived. */
  async mine(caller: Person, query: PageQuery): Promise<MyInvitationPageDto> {
    const page = await this.invitees.open(caller.email, caller.emailVerified, query);
    return { ...page, data: await this.invitees.byIds(page.data.map(({ id }) => id)) };
  }
}

function endOf({ status, shown: { organisation, expiresAt } }: Found): Ended | undefined {
  if (status === 'ACCEPTED') return { reason: 'accepted', organisation, expiresAt };
  if (status === 'PENDING' || status === 'EXPIRED') return { reason: 'expired', organisation, expiresAt };
  return undefined;
}
