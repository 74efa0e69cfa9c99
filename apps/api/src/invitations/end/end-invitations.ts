import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { flush, inOneStatement, LastWrites, sql, type Statement, Transactions } from '@usher/database';
import { problem } from '@usher/http';
import { Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import { AccessRepository, type RightsRow } from '../../access/access.repository.js';
import { type Holdings, holdingsOf, withoutOrganisation } from '../../access/authority.js';
import type { Caller, Person, Place } from '../../access/caller.js';
import { hashOf } from '../../access/credential.js';
import { WrongTokens } from '../../auth/wrong-tokens.js';
import { maySend, permissionsIn, placeOf } from '../grants.js';
import { invitationEvent } from '../invitation-audit.js';
import type { Invitation, RevokedReason } from '../invitation.entity.js';
import { InvitationRepository, type StoredGrants, TARGET_ID, type Target, valuesOf } from '../invitation.repository.js';
import { closed, notFoundForYou } from '../invitee.service.js';
import { notPending } from '../issue/issue-rules.js';
import type { Existing } from '../issue/issue-context.js';

/**
 * Ends open invitations, one or many: revoked by an inviter, declined by the person invited, withdrawn when what they
 * rest on is gone.
 */
@Injectable()
export class EndInvitations {
  constructor(
    private readonly access: AccessRepository,
    private readonly invitations: InvitationRepository,
    private readonly wrongTokens: WrongTokens,
    private readonly outbox: Outbox,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /**
   * The link is dead from now on, and nothing that was queued for it is sent. 403 for one that grants more than the
   * caller holds, 404 for one of another organisation.
   */
  async revoke(caller: Caller, place: Place, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { holdings, existing } = await this.load(tx, caller, place, id);
      if (existing?.invitation.organisationId !== place.organisationId) throw notFound();
      const { invitation, grants } = existing;
      if (!maySend(holdings, placeOf(invitation)))
        throw problem(403, 'forbidden', 'Your role no longer lets you invite people here.');
      if (!holdings.cover(permissionsIn(grants)))
        throw problem(
          403,
          'above_ceiling',
          'This invitation grants more than you hold. Ask somebody who holds as much.',
        );
      if (!invitation.isOpen) throw notPending(invitation);
      return new LastWrites([this.ending(tx, [invitation], { status: 'REVOKED', reason: 'revoked' })], () => undefined);
    });
  }

  async decline(token: string): Promise<void> {
    await this.wrongTokens.refuseGuesser();
    const isFound = await this.declineOpen({ tokenHash: hashOf(token), id: null });
    if (isFound) return;
    await this.wrongTokens.count();
    throw closed();
  }

  /** 404 unless it is to the caller's proven address. */
  async declineMine(caller: Person, id: string): Promise<void> {
    const isMine = ({ email }: Invitation): boolean => email === caller.email && caller.emailVerified;
    if (!(await this.declineOpen({ tokenHash: null, id }, isMine))) throw notFoundForYou();
  }

  /** In another write's transaction, which has locked them; the audit has the reason. */
  async withdraw(tx: EntityManager, invitations: readonly Invitation[], reason: RevokedReason): Promise<void> {
    if (invitations.length > 0) await flush(tx, [this.ending(tx, invitations, { status: 'REVOKED', reason })]);
  }

  /** False when there is none that may be declined so; 410 for one that is over. */
  private declineOpen(target: Target, mayDecline: (invitation: Invitation) => boolean = () => true): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      const [rows] = await flush(tx, [this.invitations.lock(sql(TARGET_ID, valuesOf(target)))]);
      const found = this.invitations.withGrants(rows, []).at(0);
      if (!found || !mayDecline(found.invitation)) return false;
      if (!found.invitation.isOpen) throw closed();
      return new LastWrites([this.ending(tx, [found.invitation], { status: 'DECLINED' })], () => true);
    });
  }

  /** Locks as everywhere: the organisation, what the caller's rights rest on, the invitation; then reads. */
  private async load(
    tx: EntityManager,
    caller: Caller,
    { organisationId }: Place,
    id: string,
  ): Promise<{ holdings: Holdings; existing?: Existing }> {
    const rows = await flush(tx, [
      ...(organisationId ? [this.access.organisationLock(organisationId, 'SHARE')] : []),
      ...this.access.locks(caller, organisationId),
      this.invitations.lock(sql('SELECT $1::uuid', [id])),
      this.access.readRights(caller, organisationId, 'are live'),
      this.invitations.grantsById([id]),
    ]);
    const [invitations, [{ rights, organisationStatus }], [{ grants }]] = rows.slice(-3) as Loaded; // as: what the last three select
    const holdings = holdingsOf(organisationStatus === 'SUSPENDED' ? withoutOrganisation(rights) : rights);
    return { holdings, existing: this.invitations.withGrants(invitations, grants).at(0) };
  }

  private ending(
    tx: EntityManager,
    invitations: readonly Invitation[],
    { status, reason = null }: { status: 'REVOKED' | 'DECLINED'; reason?: RevokedReason | null },
  ): Statement {
    const ids = invitations.map(({ id }) => id);
    const action = status === 'DECLINED' ? 'invitation.declined' : 'invitation.revoked';
    const change = reason === null || reason === 'revoked' ? {} : { after: { reason } };
    return inOneStatement([
      this.invitations.end(ids, status, reason),
      this.outbox.cancelling(ids),
      this.audit.recording(
        tx,
        invitations.map((invitation) => invitationEvent(action, invitation, change)),
      ),
    ]);
  }
}

const notFound = () => problem(404, 'not_found', 'There is nothing here that you may see.');

type Loaded = [
  Invitation[],
  [{ rights: RightsRow | null; organisationStatus: string | null }],
  [{ grants: StoredGrants[] }],
];
