import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { newId, Transactions } from '@usher/database';
import { clientKey, Throttle, type ThrottleRule } from '@usher/http';
import { Outbox } from '@usher/mailer';
import { type EntityManager, IsNull } from 'typeorm';
import { Authority } from '../../access/authority.js';
import { hashOf } from '../../access/credential.js';
import { languageFor } from '../../languages/languages.js';
import { letterheadOf } from '../../organisations/letterhead.js';
import { isActiveOwner, Membership } from '../../organisations/membership.entity.js';
import { Organisation } from '../../organisations/organisation.entity.js';
import { PlatformService } from '../../platform/platform.service.js';
import { User } from '../../users/user.entity.js';
import { maySend, placeOf } from '../grants.js';
import { invitationEvent } from '../invitation-audit.js';
import { type Invitation, inviterOf } from '../invitation.entity.js';
import { InvitationRepository } from '../invitation.repository.js';
import { renewalRequestMail } from './renewal-request.mail.js';

const PER_CLIENT: ThrottleRule = { name: 'renewal requests by client', limit: 20, seconds: 900 };

/** Whoever holds a link that is no longer open may ask for a fresh one; who answers for the invitation gets a mail. */
@Injectable()
export class RenewalRequestsService {
  constructor(
    private readonly invitations: InvitationRepository,
    private readonly authority: Authority,
    private readonly platform: PlatformService,
    private readonly outbox: Outbox,
    private readonly throttle: Throttle,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** Too many requests are dropped without a word: the answer is always the same. */
  allows(): Promise<boolean> {
    return this.throttle.allows(PER_CLIENT, clientKey());
  }

  /** At most one mail an hour for one invitation. Run it as `BackgroundWork`: no answer's time may tell. */
  async request(token: string): Promise<void> {
    await this.transactions.run((tx) => this.tellInviter(tx, hashOf(token)));
  }

  private async tellInviter(tx: EntityManager, tokenHash: Buffer): Promise<void> {
    const invitation = await this.invitations.ofAnyToken(tx, tokenHash);
    if (!invitation || invitation.status === 'ACCEPTED' || !this.outbox.isOpen) return;
    if (await isSuspended(tx, invitation)) return;
    const recipient = await this.whoAnswers(tx, invitation);
    if (!recipient || !(await this.invitations.takeRenewalHour(tx, invitation.id))) return;
    const { organisationId, email } = invitation;
    const letterhead = await letterheadOf(tx, await this.platform.settings(tx), organisationId);
    const content = renewalRequestMail(languageFor(letterhead.locale), letterhead, email);
    // Its own subject: resending the invitation must not take this mail back.
    const to = { address: recipient.email, name: null };
    await this.outbox.enqueue(tx, { tenantId: organisationId, subjectId: newId(), to, content });
    await this.audit.record(tx, invitationEvent('invitation.renewal_requested', invitation));
  }

  /** The inviter while they may still invite; otherwise, and where a key invited, the owner who has been there longest. */
  private async whoAnswers(tx: EntityManager, invitation: Invitation): Promise<User | null> {
    const { organisationId } = invitation;
    const inviter = inviterOf(invitation);
    const holdings = await this.authority.of(tx, inviter, organisationId);
    if (inviter.type === 'user' && maySend(holdings, placeOf(invitation)))
      return tx.findOneBy(User, { id: inviter.id });
    if (!organisationId)
      return tx.findOne(User, { where: { platformRole: 'ADMIN', status: 'ACTIVE' }, order: { createdAt: 'ASC' } });
    const owner = await tx.findOne(Membership, {
      where: isActiveOwner(organisationId),
      relations: { user: true },
      order: { joinedAt: 'ASC' },
    });
    return owner?.user ?? null;
  }
}

const isSuspended = (tx: EntityManager, { organisationId }: Invitation): Promise<boolean> =>
  tx.existsBy(Organisation, { id: organisationId ?? IsNull(), status: 'SUSPENDED' });
