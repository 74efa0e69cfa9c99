import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { DomainEvents, Transactions } from '@usher/database';
import { type Json, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { Authority, type Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { covers, OWNER_ROLE_ID } from '../access/permissions.js';
import { UserErased } from '../users/user.events.js';
import type { MemberListQuery, MemberPageDto } from './member.dto.js';
import type { Membership, MembershipStatus } from './membership.entity.js';
import { MembershipRepository } from './membership.repository.js';
import { MemberKeysUnwanted, MemberRightsReduced, SeatWanted } from './organisation.events.js';
import { OrganisationsService } from './organisations.service.js';
import { RolesService } from './roles.service.js';

/** Who is in an organisation, and as what. */
@Injectable()
export class MembersService implements OnModuleInit {
  constructor(
    private readonly memberships: MembershipRepository,
    private readonly organisations: OrganisationsService,
    private readonly roles: RolesService,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
  ) {}

  onModuleInit(): void {
    this.events.on(UserErased, (tx, { userId }) => this.recordErasure(tx, userId));
  }

  list(organisationId: string, query: MemberListQuery): Promise<Json<MemberPageDto>> {
    return this.memberships.page(organisationId, query);
  }

  async get(organisationId: string, userId: string): Promise<Membership> {
    const membership = await this.memberships.find({ organisationId, userId });
    if (!membership) throw noSuchMember();
    return membership;
  }

  /** Those whose addresses these are, suspended ones too. */
  withAddresses(organisationId: string, emails: string[]): Promise<Membership[]> {
    return this.memberships.withAddresses(organisationId, emails);
  }

  /** Both the present role and the new one must be within what the caller holds. */
  async changeRole(caller: Caller, organisationId: string, userId: string, roleName: string): Promise<Membership> {
    await this.transactions.run(async (tx) => {
      const { holdings, membership } = await this.enter(tx, caller, organisationId, userId);
      const named = { scope: 'ORGANISATION', projectKind: null, name: roleName } as const;
      const role = await this.roles.find(tx, organisationId, named);
      if (userId === caller.id) throw problem(403, 'own_role', 'Nobody changes their own role. Ask another admin.');
      this.refuseAboveCeiling(holdings, membership.role.permissions, role.permissions);
      if (role.id !== OWNER_ROLE_ID) await this.refuseLastOwner(tx, membership);
      await this.memberships.update(tx, { organisationId, userId }, { roleId: role.id });
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
      await this.memberships.update(tx, { organisationId, userId }, { status });
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
      await this.memberships.delete(tx, { organisationId, userId });
      const action = userId === caller.id ? 'member.left' : 'member.removed';
      await this.record(tx, action, membership, { before: { role: membership.role.key } });
      await this.events.publish(tx, new MemberRightsReduced(organisationId, userId));
      if (revokeKeys) await this.events.publish(tx, new MemberKeysUnwanted(organisationId, userId, holdings));
    });
  }

  /** Memberships go with the account; each organisation reads in its own audit that somebody is gone. */
  private async recordErasure(tx: EntityManager, userId: string): Promise<void> {
    const memberships = await this.memberships.ofUser(tx, userId);
    const after = { reason: 'account_erased' };
    const entries = memberships.map((membership) =>
      entry('member.removed', membership, { before: { role: membership.role.key }, after }),
    );
    await this.audit.record(tx, ...entries);
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
    const membership = await this.memberships.lock(tx, { organisationId, userId });
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
    const owners = await this.memberships.activeOwners(tx, organisationId);
    if (owners.some((owner) => owner.userId !== userId)) return;
    throw problem(409, 'last_owner', 'This is the last active owner. Make somebody else an OWNER first.');
  }

  private record(tx: EntityManager, action: string, membership: Membership, change: object): Promise<void> {
    return this.audit.record(tx, entry(action, membership, change));
  }
}

const entry = (action: string, { organisationId, userId }: Membership, change: object): AuditEntry => ({
  action,
  subject: { type: 'user', id: userId },
  tenantId: organisationId,
  ...change,
});

interface Entrance {
  holdings: Holdings;
  membership: Membership;
}

const noSuchMember = () => problem(404, 'not_found', 'There is no member with this id.');
