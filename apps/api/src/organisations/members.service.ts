import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { DomainEvents, Transactions } from '@usher/database';
import { type Condition, type FoundPage, type Json, Pages, problem } from '@usher/http';
import { type EntityManager, In, Repository } from 'typeorm';
import { Authority, type Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { covers, OWNER_ROLE_ID } from '../access/permissions.js';
import { UserErased } from '../users/user.events.js';
import type { MemberListQuery, MemberPageDto } from './member.dto.js';
import { isActiveOwner, Membership, type MembershipStatus } from './membership.entity.js';
import { MemberKeysUnwanted, MemberRightsReduced, SeatWanted } from './organisation.events.js';
import { membersIn } from './members.sql.js';
import { OrganisationsService } from './organisations.service.js';
import { RolesService } from './roles.service.js';

/** Who is in an organisation, and as what. */
@Injectable()
export class MembersService implements OnModuleInit {
  constructor(
    @InjectRepository(Membership) private readonly memberships: Repository<Membership>,
    private readonly organisations: OrganisationsService,
    private readonly roles: RolesService,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly pages: Pages,
  ) {}

  onModuleInit(): void {
    this.events.on(UserErased, (tx, { userId }) => this.recordErasure(tx, userId));
  }

  /** `found`: the first page, where it was read already. */
  list(organisationId: string, query: MemberListQuery, found?: FoundPage): Promise<Json<MemberPageDto>> {
    const filters: Condition[] = query.status ? [['m.status = ?', query.status]] : [];
    const list = { ...membersIn(['m.organisation_id = (SELECT ?::uuid)', organisationId]), filters };
    return this.pages.select(this.memberships.manager, list, query, found);
  }

  async get(organisationId: string, userId: string): Promise<Membership> {
    const relations = { user: true, role: true };
    const membership = await this.memberships.findOne({ where: { organisationId, userId }, relations });
    if (!membership) throw noSuchMember();
    return membership;
  }

  /** Those of the addresses that belong to members, suspended ones too. */
  async addressesAmong(organisationId: string, emails: string[]): Promise<Set<string>> {
    const where = { organisationId, user: { email: In(emails) } };
    const members = await this.memberships.find({ where, relations: { user: true } });
    return new Set(members.map(({ user }) => user.email));
  }

  /** Null when nobody with this address is a member. */
  withAddress(organisationId: string, email: string): Promise<Membership | null> {
    return this.memberships.findOne({
      where: { organisationId, user: { email } },
      relations: { user: true, role: true },
    });
  }

  /** Both the present role and the new one must be within what the caller holds. */
  async changeRole(caller: Caller, organisationId: string, userId: string, roleName: string): Promise<Membership> {
    await this.transactions.run(async (tx) => {
      const { holdings, membership } = await this.enter(tx, caller, organisationId, userId);
      const [role] = await this.roles.find(tx, organisationId, [
        { scope: 'ORGANISATION', projectKind: null, name: roleName },
      ]);
      if (userId === caller.id) throw problem(403, 'own_role', 'Nobody changes their own role. Ask another admin.');
      this.refuseAboveCeiling(holdings, membership.role.permissions, role.permissions);
      if (role.id !== OWNER_ROLE_ID) await this.refuseLastOwner(tx, membership);
      await tx.update(Membership, { organisationId, userId }, { roleId: role.id });
      const change = { before: { role: membership.role.key }, after: { role: role.key } };
      await this.record(tx, 'member.role_changed', membership, change);
      const hasLost = !covers(new Set(role.permissions), membership.role.permissions);
      if (hasLost) await this.events.publish(tx, new MemberRightsReduced(organisationId, userId));
    });
    return this.get(organisationId, userId);
  }

  async changeStatus(
    caller: Caller,
    organisationId: string,
    userId: string,
    status: MembershipStatus,
  ): Promise<Membership> {
    await this.transactions.run(async (tx) => {
      const { holdings, membership } = await this.enter(tx, caller, organisationId, userId);
      if (userId === caller.id)
        throw problem(403, 'own_status', 'Nobody suspends or reactivates themselves. Ask another admin.');
      this.refuseAboveCeiling(holdings, membership.role.permissions);
      if (status === 'SUSPENDED') await this.refuseLastOwner(tx, membership);
      else await this.events.publish(tx, new SeatWanted(organisationId, membership.user.email));
      await tx.update(Membership, { organisationId, userId }, { status });
      await this.record(tx, 'member.status_changed', membership, {
        before: { status: membership.status },
        after: { status },
      });
      if (status === 'SUSPENDED') await this.events.publish(tx, new MemberRightsReduced(organisationId, userId));
    });
    return this.get(organisationId, userId);
  }

  /** Anyone may leave; removing others needs `members:manage` and everything that they hold. */
  async remove(caller: Caller, organisationId: string, userId: string, revokeKeys: boolean): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { holdings, membership } = await this.enter(tx, caller, organisationId, userId);
      if (userId !== caller.id) this.refuseAboveCeiling(holdings, membership.role.permissions);
      await this.refuseLastOwner(tx, membership);
      await tx.delete(Membership, { organisationId, userId });
      const action = userId === caller.id ? 'member.left' : 'member.removed';
      await this.record(tx, action, membership, { before: { role: membership.role.key } });
      await this.events.publish(tx, new MemberRightsReduced(organisationId, userId));
      if (revokeKeys) await this.events.publish(tx, new MemberKeysUnwanted(organisationId, userId, holdings));
    });
  }

  /** Memberships go with the account; each organisation reads in its own audit that somebody is gone. */
  private async recordErasure(tx: EntityManager, userId: string): Promise<void> {
    const memberships = await tx.find(Membership, { where: { userId }, relations: { role: true } });
    for (const membership of memberships) {
      const change = { before: { role: membership.role.key }, after: { reason: 'account_erased' } };
      await this.record(tx, 'member.removed', membership, change);
    }
  }

  /**
   * Locks the organisation before anything is read: two owners who demote each other come one after the other,
   * and the second finds what the first one did.
   */
  private async enter(tx: EntityManager, caller: Caller, organisationId: string, userId: string): Promise<Entrance> {
    await this.organisations.lock(tx, organisationId);
    const place = { organisationId, projectId: null };
    const holdings =
      userId === caller.id
        ? await this.authority.ofCaller(tx, caller, organisationId)
        : await this.authority.require(tx, caller, 'members:manage', place);
    const membership = await lockMembership(tx, organisationId, userId);
    if (!membership) throw noSuchMember();
    return { holdings, membership };
  }

  private refuseAboveCeiling(holdings: Holdings, ...permissionSets: string[][]): void {
    if (holdings.cover(permissionSets.map((permissions) => ({ projectId: null, permissions })))) return;
    throw problem(
      403,
      'above_ceiling',
      'This role holds more than you do. Ask somebody who holds as much, such as an owner.',
    );
  }

  private async refuseLastOwner(
    tx: EntityManager,
    { organisationId, userId, ...membership }: Membership,
  ): Promise<void> {
    if (membership.roleId !== OWNER_ROLE_ID || membership.status !== 'ACTIVE' || membership.user.status !== 'ACTIVE')
      return;
    const owners = await tx.findBy(Membership, isActiveOwner(organisationId));
    if (owners.some((owner) => owner.userId !== userId)) return;
    throw problem(409, 'last_owner', 'This is the last active owner. Make somebody else an OWNER first.');
  }

  private record(
    tx: EntityManager,
    action: string,
    { organisationId, userId }: Membership,
    change: object,
  ): Promise<void> {
    return this.audit.record(tx, {
      action,
      subject: { type: 'user', id: userId },
      tenantId: organisationId,
      ...change,
    });
  }
}

interface Entrance {
  holdings: Holdings;
  membership: Membership;
}

/** An acceptance may be raising the role at this moment: what is read is what it leaves. */
async function lockMembership(tx: EntityManager, organisationId: string, userId: string): Promise<Membership | null> {
  const where = { organisationId, userId };
  await tx.findOne(Membership, { where, lock: { mode: 'for_no_key_update' } });
  return tx.findOne(Membership, { where, relations: { role: true, user: true } });
}

const noSuchMember = () => problem(404, 'not_found', 'There is no member with this id.');
