import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions, violates } from '@usher/database';
import { problem } from '@usher/http';
import { Outbox } from '@usher/mailer';
import { DataSource, type EntityManager } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Authority, type Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { PlatformService } from '../platform/platform.service.js';
import { type GrantNames, type Grants, isSame, mayLink, namesGrants, namesOf, placeOf } from './grants.js';
import { GrantsReader } from './grants-reader.js';
import { describeGrants, invitationEvent, linkShownEvent } from './invitation-audit.js';
import {
  notPending,
  refuseAboveCeiling,
  refuseEnded,
  refuseMisplaced,
  refuseWhenMember,
  refuseWhileCoolingDown,
  refuseWhenNotInPlan,
  refuseWithoutPermission,
  secondsOfCoolDown,
} from './invitation-checks.js';
import { InvitationSender } from './invitation-sender.js';
import { Invitation, revokedBecause, withDeadLinks } from './invitation.entity.js';
import { type Issued, InvitationsService } from './invitations.service.js';
import type { ChangeInvitationDto, InviteDto } from './invite.dto.js';
import { movedReminder } from './reminder-moment.js';
import { SeatsService } from './seats.service.js';

/** What inviters do with an invitation that exists: send it again, change it, take it back. */
@Injectable()
export class InvitationChangesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly invitations: InvitationsService,
    private readonly platform: PlatformService,
    private readonly authority: Authority,
    private readonly grants: GrantsReader,
    private readonly seats: SeatsService,
    private readonly sender: InvitationSender,
    private readonly outbox: Outbox,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** A new link and a new life; the old link is dead. The caller answers for the invitation from now on. */
  async resend(caller: Caller, id: string, sendEmail?: boolean): Promise<Issued> {
    return this.keepingOneOpen(id, async (tx) => {
      const entrance = await this.enter(tx, caller, id);
      const { holdings, invitation } = entrance;
      await refuseWhenNotInPlan(tx, placeOf(invitation));
      const grants = await this.grantsAfter(tx, entrance, {});
      refuseAboveCeiling(holdings, grants);
      refuseEnded(invitation);
      const fields = { sendEmail: sendEmail ?? invitation.sendEmail };
      const issued = await this.sendAgain(tx, caller, { ...entrance, grants }, { fields, showLink: true });
      await this.audit.record(tx, invitationEvent('invitation.resent', invitation));
      return issued;
    });
  }

  /** Changed grants, or a life that was over, need a new link; other changes leave the link as it is. */
  async change(caller: Caller, id: string, changes: ChangeInvitationDto): Promise<void> {
    await this.keepingOneOpen(id, async (tx) => {
      const entrance = await this.enter(tx, caller, id);
      const { holdings, invitation } = entrance;
      refuseMisplaced(invitation, changes);
      await refuseWhenNotInPlan(tx, placeOf(invitation));
      const grants = await this.grantsAfter(tx, entrance, changes);
      refuseAboveCeiling(holdings, entrance.grants);
      refuseAboveCeiling(holdings, grants);
      refuseEnded(invitation);
      const { role: _role, projects: _projects, platformRole: _platformRole, expiresInHours, ...texts } = changes;
      const fields = { ...texts, ...(expiresInHours ? { expiryHours: expiresInHours } : {}) };
      if (!isSame(grants, entrance.grants) || !invitation.isOpen) {
        await this.sendAgain(tx, caller, { ...entrance, grants }, { fields, showLink: false });
        await this.grants.save(tx, id, invitation.organisationId, grants);
      } else {
        const expiresAt = expiresInHours ? await this.invitations.expiry(tx, expiresInHours) : invitation.expiresAt;
        const remindAt = await movedReminder(tx, invitation, { ...invitation, ...fields, expiresAt });
        await this.update(tx, caller, id, { ...fields, expiresAt, remindAt });
      }
      const change = {
        before: describeGrants(entrance.grants),
        after: { ...describeGrants(grants), changed: Object.keys(changes) },
      };
      await this.audit.record(tx, invitationEvent('invitation.changed', invitation, change));
    });
  }

  /**
   * Sends it again with what the request grants and says; grants that it does not name stay. Within the cool-down nothing happens if it grants the same,
   * and 429 answers if it grants something else.
   */
  async refresh(caller: Caller, id: string, request: InviteDto & GrantNames): Promise<Issued> {
    return this.keepingOneOpen(id, async (tx) => {
      const entrance = await this.enter(tx, caller, id);
      const { holdings, invitation } = entrance;
      await refuseWhenNotInPlan(tx, placeOf(invitation));
      const grants = namesGrants(request)
        ? await this.grants.resolve(tx, placeOf(invitation), request)
        : await this.grantsAfter(tx, entrance, {});
      refuseAboveCeiling(holdings, entrance.grants);
      refuseAboveCeiling(holdings, grants);
      refuseEnded(invitation);
      await refuseWhenMember(tx, placeOf(invitation), invitation.email, grants);
      const isSameAgain = isSame(grants, entrance.grants) && invitation.isOpen;
      const platform = await this.platform.settings(tx);
      if (isSameAgain && (await secondsOfCoolDown(tx, invitation, platform)) > 0) return { invitationId: id };
      const { givenName, familyName } = request;
      const fields = { ...(givenName ? { givenName } : {}), ...(familyName ? { familyName } : {}) };
      const issued = await this.sendAgain(tx, caller, { ...entrance, grants }, { fields, showLink: true });
      await this.grants.save(tx, id, invitation.organisationId, grants);
      const change = { before: describeGrants(entrance.grants), after: describeGrants(grants) };
      await this.audit.record(tx, invitationEvent('invitation.resent', invitation, change));
      return issued;
    });
  }

  /** The link is dead from now on; nothing that was queued for it is sent. */
  async revoke(caller: Caller, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { holdings, invitation, grants } = await this.enter(tx, caller, id);
      refuseAboveCeiling(holdings, grants);
      if (!invitation.isOpen) throw notPending(invitation);
      await tx.update(Invitation, { id }, revokedBecause('revoked'));
      await this.outbox.cancel(tx, [id]);
      await this.audit.record(tx, invitationEvent('invitation.revoked', invitation));
    });
  }

  /** Locks the caller's standing, then the invitation: no acceptance or second change comes in between. */
  private async enter(tx: EntityManager, caller: Caller, id: string): Promise<Entrance> {
    const found = await tx.findOneBy(Invitation, { id });
    if (!found) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    await this.seats.lock(tx, found.organisationId);
    const holdings = await this.authority.ofCaller(tx, caller, found.organisationId);
    const invitation = await tx.findOneOrFail(Invitation, { where: { id }, lock: { mode: 'for_no_key_update' } });
    refuseWithoutPermission(holdings, placeOf(invitation));
    return { holdings, invitation, grants: await this.grants.of(tx, invitation) };
  }

  /** A lapsed invitation cannot come back to life while a newer one is open. */
  private async keepingOneOpen<T>(id: string, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.transactions.run(work);
    } catch (error) {
      if (!violates(error, 'invitations_one_open')) throw error;
      const { place, email } = await this.dataSource.manager.findOneByOrFail(Invitation, { id });
      throw await this.invitations.alreadyPending(place, email);
    }
  }

  /** Resolved anew: while an invitation is lapsed, its role may be deleted. One that has ended keeps what it gave. */
  private async grantsAfter(
    tx: EntityManager,
    { invitation, grants }: Entrance,
    changes: ChangeInvitationDto,
  ): Promise<Grants> {
    if (!invitation.canBeSent && !namesGrants(changes)) return grants;
    const present = namesOf(grants, invitation);
    const { platformRole = present.platformRole, role = present.role, projects = present.projects } = changes;
    return this.grants.resolve(tx, placeOf(invitation), { platformRole, role, projects });
  }

  private async sendAgain(
    tx: EntityManager,
    caller: Caller,
    entrance: Entrance,
    { fields, showLink }: { fields: Partial<Invitation>; showLink: boolean },
  ): Promise<Issued> {
    const { holdings, grants } = entrance;
    const { id, sendCount } = entrance.invitation;
    const invitation = { ...entrance.invitation, ...fields };
    const place = placeOf(entrance.invitation);
    await refuseWhenMember(tx, place, invitation.email, grants);
    await this.invitations.refuseWhilePending(tx, place, invitation.email, id);
    await this.seats.reserve(tx, place.organisationId, invitation.email);
    await refuseWhileCoolingDown(tx, entrance.invitation, await this.platform.settings(tx));
    await this.outbox.cancel(tx, [id]);
    invitation.expiresAt = await this.invitations.expiry(tx, invitation.expiryHours);
    const { link, ...sent } = await this.sender.send(tx, {
      caller,
      invitation,
      grants,
      mayLink: showLink && mayLink(holdings, place),
    });
    const given = { platformRole: grants.platformRole, roleId: grants.role?.id ?? null };
    const life = { status: 'PENDING' as const, expiresAt: invitation.expiresAt, ...withDeadLinks(entrance.invitation) };
    // A secret that went nowhere is no sending: whoever may see the link resends for it at once.
    const hasLeft = sent.mailMessageId !== null || sent.linkShown;
    const counted = hasLeft ? { lastSentAt: () => 'now()', sendCount: sendCount + 1 } : {};
    await this.update(tx, caller, id, { ...fields, ...sent, ...given, ...life, ...counted });
    if (sent.linkShown) await this.audit.record(tx, linkShownEvent(invitation));
    return { invitationId: id, link };
  }

  /** Whoever changes an invitation answers for it from then on. */
  private async update(
    tx: EntityManager,
    caller: Caller,
    id: string,
    fields: QueryDeepPartialEntity<Invitation>,
  ): Promise<void> {
    const answerable = { invitedByType: caller.type, invitedById: caller.id, updatedAt: () => 'now()' };
    await tx.update(Invitation, { id }, { ...fields, ...answerable });
  }
}

interface Entrance {
  holdings: Holdings;
  invitation: Invitation;
  grants: Grants;
}
