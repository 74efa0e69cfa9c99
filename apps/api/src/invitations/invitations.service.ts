import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions, violates } from '@usher/database';
import { DataSource, type EntityManager, type FindOptionsWhere, Not, Raw } from 'typeorm';
import { Authority } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { Organisation } from '../organisations/organisation.entity.js';
import { PlatformService } from '../platform/platform.service.js';
import { type GrantNames, type InvitationPlace, mayLink } from './grants.js';
import { GrantsReader } from './grants-reader.js';
import {
  pending,
  refuseAboveCeiling,
  refuseForeignRedirect,
  refuseWhenMember,
  refuseWhenNotInPlan,
  refuseWithoutPermission,
} from './invitation-checks.js';
import { describeGrants, invitationEvent, linkShownEvent } from './invitation-audit.js';
import type { InvitationDto } from './invitation.dto.js';
import { InvitationSender } from './invitation-sender.js';
import { Invitation } from './invitation.entity.js';
import type { InviteDto } from './invite.dto.js';
import { Invitee } from './invitee.entity.js';
import { type Begun, defaultsFor, newInvitation } from './new-invitation.js';
import { InvitationShortcut } from './shortcut/invitation-shortcut.service.js';
import type { Facts } from './shortcut/shortcut-facts.js';
import { SeatsService } from './seats.service.js';

/** An invitation that was created or sent: its id, and its link if the caller may see it. */
export interface Issued {
  invitationId: string;
  link?: string;
  /** As answers show it, where it need not be read again. */
  shown?: InvitationDto;
}

/** Invites people: to the platform, to an organisation, to a project. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly platform: PlatformService,
    private readonly authority: Authority,
    private readonly grants: GrantsReader,
    private readonly seats: SeatsService,
    private readonly sender: InvitationSender,
    private readonly shortcut: InvitationShortcut,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** 409 `invitation_pending`, with `invitationId`, when one is open for the same place and address. `found`: facts that were read with the caller. */
  async invite(
    caller: Caller,
    place: InvitationPlace,
    request: InviteDto & GrantNames,
    found?: Facts,
  ): Promise<Issued> {
    const shown = await this.shortcut.invite(caller, place, request, found);
    if (shown) return { invitationId: shown.id, shown };
    refuseForeignRedirect(await this.platform.settings(), request.redirectUrl);
    try {
      return await this.transactions.run((tx) => this.inviteWithin(tx, caller, place, request));
    } catch (error) {
      if (violates(error, 'invitations_one_open')) throw await this.alreadyPending(place.id, request.email);
      throw error;
    }
  }

  /** The same inside another write's transaction. */
  async inviteWithin(
    tx: EntityManager,
    caller: Caller,
    place: InvitationPlace,
    request: InviteDto & GrantNames,
  ): Promise<Issued> {
    await this.seats.lock(tx, place.organisationId);
    const holdings = await this.authority.ofCaller(tx, caller, place.organisationId);
    refuseWithoutPermission(holdings, place);
    await refuseWhenNotInPlan(tx, place);
    const grants = await this.grants.resolve(tx, place, request);
    refuseAboveCeiling(holdings, grants);
    await refuseWhenMember(tx, place, request.email, grants);
    await this.refuseWhilePending(tx, place, request.email);
    await this.seats.reserve(tx, place.organisationId, request.email);
    return this.create(tx, { caller, place, request, grants, mayLink: mayLink(holdings, place) });
  }

  /** The problem that names the open invitation; it is found by another query, as it may be younger than our transaction. */
  async alreadyPending(place: string, email: string) {
    const open = await this.dataSource.manager.findOneBy(Invitation, { place, email, status: 'PENDING' });
    return pending(open);
  }

  /** Before seats and limits are asked. One that is being written at this moment is found by the index, at the end. */
  async refuseWhilePending(tx: EntityManager, place: InvitationPlace, email: string, opened?: string): Promise<void> {
    const others = { place: place.id, email, status: 'PENDING' as const, ...(opened ? { id: Not(opened) } : {}) };
    await this.expireLapsed(tx, others);
    const open = await tx.findOneBy(Invitation, others);
    if (open) throw pending(open);
  }

  /** So many hours from now, by the database's clock. */
  async expiry(tx: EntityManager, hours: number): Promise<Date> {
    const statement = `SELECT (now() + make_interval(hours => $1))::timestamptz(3) AS "expiresAt"`;
    const [{ expiresAt }]: [{ expiresAt: Date }] = await tx.query(statement, [hours]);
    return expiresAt;
  }

  private async create(tx: EntityManager, { caller, place, request, grants, mayLink }: Creation): Promise<Issued> {
    const { organisationId } = place;
    const organisation = organisationId ? await tx.findOneByOrFail(Organisation, { id: organisationId }) : null;
    const defaults = defaultsFor(request, organisation, await this.platform.settings(tx));
    const expiresAt = await this.expiry(tx, defaults.expiryHours);
    const invitation = newInvitation({ caller, place, request, grants }, { ...defaults, expiresAt });
    const { link, ...sent } = await this.sender.send(tx, { caller, invitation, grants, mayLink });
    const inviteeId = await this.inviteeId(tx, organisationId, request.email);
    await tx.insert(Invitation, { ...invitation, ...sent, inviteeId });
    await this.grants.save(tx, invitation.id, organisationId, grants);
    await this.audit.record(tx, invitationEvent('invitation.created', invitation, { after: describeGrants(grants) }));
    if (sent.linkShown) await this.audit.record(tx, linkShownEvent(invitation));
    return { invitationId: invitation.id, link };
  }

  /** A lapsed invitation must not keep the place of one that is opened, be it new or sent again. */
  private async expireLapsed(tx: EntityManager, others: FindOptionsWhere<Invitation>): Promise<void> {
    const lapsed = { ...others, expiresAt: Raw((column) => `${column} <= now()`) };
    await tx.update(Invitation, lapsed, { status: 'EXPIRED', updatedAt: () => 'now()' });
  }

  private async inviteeId(tx: EntityManager, organisationId: string | null, email: string): Promise<string | null> {
    if (!organisationId) return null;
    await tx
      .createQueryBuilder()
      .insert()
      .into(Invitee)
      .values({ organisationId, email, id: randomUUID() })
      .orIgnore()
      .execute();
    const { id } = await tx.findOneByOrFail(Invitee, { organisationId, email });
    return id;
  }
}

interface Creation extends Begun {
  caller: Caller;
  mayLink: boolean;
}
