import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { DomainEvents, newId, Transactions } from '@usher/database';
import { invalid, orderBy, type Page, Pages, problem } from '@usher/http';
import { Outbox } from '@usher/mailer';
import { type EntityManager, Repository } from 'typeorm';
import { Authority, EVERYWHERE } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { OWNER_ROLE_ID, PLATFORM_ROLE_PERMISSIONS } from '../access/permissions.js';
import { newShortId } from '../access/short-id.js';
import { PlatformService } from '../platform/platform.service.js';
import { Membership } from './membership.entity.js';
import type {
  ChangePlanDto,
  CreateOrganisationDto,
  OrganisationListQuery,
  UpdateOrganisationDto,
} from './organisation.dto.js';
import { Organisation, type OrganisationStatus } from './organisation.entity.js';
import { OrganisationDeleted, OwnerWanted } from './organisation.events.js';

const NEWEST_FIRST = orderBy<Organisation>('organisation', '-createdAt', 'id');

type LockMode = 'for_no_key_update' | 'pessimistic_write';

/** Tenants. */
@Injectable()
export class OrganisationsService {
  constructor(
    @InjectRepository(Organisation) private readonly organisations: Repository<Organisation>,
    private readonly platform: PlatformService,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly pages: Pages,
  ) {}

  /** The caller's organisations; platform staff see all. */
  list(caller: Caller, query: OrganisationListQuery): Promise<Page<Organisation>> {
    const organisations = this.organisations.createQueryBuilder('organisation');
    if (PLATFORM_ROLE_PERMISSIONS[caller.platformRole].includes('organisation:read')) {
      return this.pages.read(organisations, NEWEST_FIRST, query);
    }
    if (caller.type === 'api_key') {
      organisations.where('organisation.id = :id', { id: caller.organisationId });
    } else {
      const isMine = 'm.organisationId = organisation.id AND m.userId = :userId AND m.status = :active';
      organisations.innerJoin(Membership, 'm', isMine, { userId: caller.id, active: 'ACTIVE' });
    }
    return this.pages.read(organisations, NEWEST_FIRST, query);
  }

  async get(id: string): Promise<Organisation> {
    return this.organisations.findOneByOrFail({ id });
  }

  /** The caller becomes an OWNER; `ownerEmail`, if given, is invited as another. */
  async create(caller: Caller, { name, ownerEmail }: CreateOrganisationDto): Promise<Organisation> {
    await this.refuseCreation(caller);
    if (caller.type === 'api_key' && !ownerEmail)
      throw invalid(
        'ownerEmail',
        'ownerEmail must be given: an API key cannot be an owner, so name who is invited as one',
      );
    const id = newId();
    await this.transactions.run(async (tx) => {
      await tx.insert(Organisation, { id, shortId: newShortId(), name });
      await this.record(tx, 'organisation.created', id, { after: { name } });
      if (caller.type === 'user') {
        await tx.insert(Membership, { organisationId: id, userId: caller.id, roleId: OWNER_ROLE_ID });
        const subject = { type: 'user', id: caller.id };
        await this.audit.record(tx, { action: 'member.joined', subject, tenantId: id, after: { role: 'OWNER' } });
      }
      if (ownerEmail) await this.events.publish(tx, new OwnerWanted(id, ownerEmail, caller));
    });
    return this.get(id);
  }

  async update(caller: Caller, id: string, { name, settings }: UpdateOrganisationDto): Promise<Organisation> {
    await this.transactions.run(async (tx) => {
      const before = await this.lock(tx, id);
      await this.authority.require(tx, caller, 'organisation:update', { organisationId: id, projectId: null });
      const after = { name: name ?? before.name, settings: { ...before.settings, ...settings } };
      await tx.update(Organisation, { id }, { ...after, updatedAt: () => 'now()' });
      await this.record(tx, 'organisation.updated', id, {
        before: { name: before.name, settings: before.settings },
        after,
      });
    });
    return this.get(id);
  }

  async changePlan(caller: Caller, id: string, plan: ChangePlanDto): Promise<Organisation> {
    await this.transactions.run(async (tx) => {
      const { invitationsEnabled, seatLimit } = await this.lock(tx, id);
      await this.authority.require(tx, caller, 'platform:manage', EVERYWHERE);
      await tx.update(Organisation, { id }, { ...plan, updatedAt: () => 'now()' });
      const before = { invitationsEnabled, seatLimit };
      await this.record(tx, 'organisation.plan_changed', id, { before, after: plan });
    });
    return this.get(id);
  }

  /** What is queued for a suspended organisation is not sent: its invitations are closed to those invited. */
  async changeStatus(caller: Caller, id: string, status: OrganisationStatus): Promise<Organisation> {
    await this.transactions.run(async (tx) => {
      const before = await this.lock(tx, id);
      await this.authority.require(tx, caller, 'platform:manage', EVERYWHERE);
      await tx.update(Organisation, { id }, { status, updatedAt: () => 'now()' });
      if (status === 'SUSPENDED') await this.outbox.cancelOf(tx, id, 'The organisation was suspended');
      const change = { before: { status: before.status }, after: { status } };
      await this.record(tx, 'organisation.status_changed', id, change);
    });
    return this.get(id);
  }

  /** Deletes the organisation with projects, memberships and invitations; audit stays. */
  async delete(caller: Caller, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { name } = await this.lock(tx, id, 'pessimistic_write');
      await this.authority.require(tx, caller, 'organisation:delete', { organisationId: id, projectId: null });
      await this.events.publish(tx, new OrganisationDeleted(id));
      await tx.delete(Organisation, { id });
      await this.record(tx, 'organisation.deleted', id, { before: { name } });
    });
  }

  /** Platform admins may, and everyone if the platform says so; a key of an organisation stays in its own. */
  private async refuseCreation(caller: Caller): Promise<void> {
    if (caller.platformRole === 'ADMIN') return;
    const { organisationCreation } = await this.platform.settings();
    if (organisationCreation === 'everyone' && caller.type === 'user') return;
    throw problem(403, 'forbidden', 'Only platform admins create organisations here. Ask one of them.');
  }

  /** To delete, nobody may be writing what refers to it (`pessimistic_write`). Whoever changes members takes this lock first: counting owners is only right while nobody else changes them. */
  async lock(tx: EntityManager, id: string, mode: LockMode = 'for_no_key_update'): Promise<Organisation> {
    const organisation = await tx.findOne(Organisation, { where: { id }, lock: { mode } });
    if (!organisation) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return organisation;
  }

  private record(
    tx: EntityManager,
    action: string,
    id: string,
    change: { before?: object; after?: object },
  ): Promise<void> {
    return this.audit.record(tx, { action, subject: { type: 'organisation', id }, tenantId: id, ...change });
  }
}
