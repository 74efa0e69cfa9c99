import { type HttpException, Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { DomainEvents, flush, newId, Transactions } from '@usher/database';
import { invalid, type Page, problem } from '@usher/http';
import { Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import { Authority, EVERYWHERE } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { PLATFORM_ROLE_PERMISSIONS } from '../access/permissions.js';
import { newShortId } from '../access/short-id.js';
import { mayShowLogo } from '../platform/platform.entity.js';
import { PlatformService } from '../platform/platform.service.js';
import { UserErased } from '../users/user.events.js';
import type {
  ChangePlanDto,
  CreateOrganisationDto,
  OrganisationListQuery,
  UpdateOrganisationDto,
} from './organisation.dto.js';
import type { Organisation, OrganisationSettings, OrganisationStatus } from './organisation.entity.js';
import { OrganisationDeleted, OwnerWanted } from './organisation.events.js';
import { type LockMode, OrganisationRepository } from './organisation.repository.js';

/** Tenants. */
@Injectable()
export class OrganisationsService implements OnModuleInit {
  constructor(
    private readonly organisations: OrganisationRepository,
    private readonly platform: PlatformService,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  onModuleInit(): void {
    this.events.on(UserErased, (tx, { email }) => this.forgetAddress(tx, email));
  }

  /** The caller's organisations; platform staff see all. */
  list(caller: Caller, query: OrganisationListQuery): Promise<Page<Organisation>> {
    const readsAll = PLATFORM_ROLE_PERMISSIONS[caller.platformRole].includes('organisation:read');
    const theirs = caller.type === 'api_key' ? { id: caller.organisationId } : { memberId: caller.id };
    return this.organisations.page(readsAll ? 'all' : theirs, query);
  }

  async get(id: string): Promise<Organisation> {
    return this.organisations.get(id);
  }

  /** The caller becomes an OWNER; `ownerEmail`, if given, is invited as another. */
  async create(caller: Caller, { name, ownerEmail }: CreateOrganisationDto): Promise<Organisation> {
    const id = newId();
    return this.transactions.run(async (tx) => {
      const ownerId = caller.type === 'user' ? caller.id : null;
      await this.requireMayCreate(tx, caller);
      if (!ownerId && !ownerEmail) throw ownerMissing();
      await flush(tx, [
        ...this.organisations.insertions(tx, { id, shortId: newShortId(), name }, ownerId),
        this.audit.recording(tx, [
          entry('organisation.created', id, { after: { name } }),
          ...(ownerId ? [ownerJoined(id, ownerId)] : []),
        ]),
      ]);
      if (ownerEmail) await this.events.publish(tx, new OwnerWanted(id, ownerEmail, caller));
      return this.organisations.get(id, tx);
    });
  }

  async update(caller: Caller, id: string, { name, settings }: UpdateOrganisationDto): Promise<Organisation> {
    await this.transactions.run(async (tx) => {
      const before = await this.lock(tx, id);
      await this.authority.require(tx, caller, 'organisation:update', { organisationId: id, projectId: null });
      const after = { name: name ?? before.name, settings: { ...before.settings, ...settings } };
      if (after.settings.logoUrl !== before.settings.logoUrl) await this.refuseForeignLogo(tx, after.settings);
      await this.organisations.update(tx, id, after);
      await this.record(tx, 'organisation.updated', id, { before: forAudit(before), after: forAudit(after) });
    });
    return this.get(id);
  }

  async changePlan(caller: Caller, id: string, plan: ChangePlanDto): Promise<Organisation> {
    await this.transactions.run(async (tx) => {
      const { invitationsEnabled, seatLimit } = await this.lock(tx, id);
      await this.authority.require(tx, caller, 'platform:manage', EVERYWHERE);
      await this.organisations.update(tx, id, plan);
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
      await this.organisations.update(tx, id, { status });
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
      await this.organisations.delete(tx, id);
      await this.record(tx, 'organisation.deleted', id, { before: { name } });
    });
  }

  /** To delete, nobody may be writing what refers to it (`pessimistic_write`). Whoever changes members takes this lock first: counting owners is only right while nobody else changes them. */
  async lock(tx: EntityManager, id: string, mode: LockMode = 'for_no_key_update'): Promise<Organisation> {
    const organisation = await this.organisations.lock(tx, id, mode);
    if (!organisation) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return organisation;
  }

  private async requireMayCreate(tx: EntityManager, caller: Caller): Promise<void> {
    // Sent together: neither needs the other's answer.
    const [{ organisationCreation }, holdings] = await Promise.all([
      this.platform.settings(tx),
      this.authority.ofCaller(tx, caller, null),
    ]);
    if (organisationCreation === 'everyone' && caller.type === 'user') return;
    if (!holdings.has('platform:manage')) throw onlyForAdmins();
  }

  private async refuseForeignLogo(tx: EntityManager, { logoUrl }: OrganisationSettings): Promise<void> {
    if (!logoUrl || mayShowLogo(await this.platform.settings(tx), logoUrl)) return;
    throw invalid(
      'settings/logoUrl',
      "logoUrl must be on one of the platform's logoOrigins; ask its admins to add the origin",
    );
  }

  /** Mails no longer name somebody whose account was erased. */
  private async forgetAddress(tx: EntityManager, email: string): Promise<void> {
    for (const field of ADDRESSES) {
      const forgotten = await this.organisations.forgetAddress(tx, field, email);
      const after = { settings: { [field]: null }, reason: 'account_erased' };
      await this.audit.record(tx, ...forgotten.map((id) => entry('organisation.updated', id, { after })));
    }
  }

  private record(tx: EntityManager, action: string, id: string, change: Change): Promise<void> {
    return this.audit.record(tx, entry(action, id, change));
  }
}

interface Change {
  before?: object;
  after?: object;
}

const entry = (action: string, id: string, change: Change): AuditEntry => ({
  action,
  subject: { type: 'organisation', id },
  tenantId: id,
  ...change,
});

const ownerJoined = (tenantId: string, id: string): AuditEntry => ({
  action: 'member.joined',
  subject: { type: 'user', id },
  tenantId,
  after: { role: 'OWNER' },
});

const ADDRESSES = ['replyTo', 'supportEmail'] as const;

/** The audit cannot forget, so it keeps of an address the domain alone. */
function forAudit({ name, settings }: Pick<Organisation, 'name' | 'settings'>): object {
  const given = ADDRESSES.filter((field) => settings[field]);
  const domains = given.map((field) => [field, settings[field]?.split('@')[1]] as const);
  return { name, settings: { ...settings, ...Object.fromEntries(domains) } };
}

const ownerMissing = (): HttpException =>
  invalid('ownerEmail', 'ownerEmail must be given: an API key cannot be an owner, so name who is invited as one');

const onlyForAdmins = (): HttpException =>
  problem(403, 'forbidden', 'Only platform admins create organisations here. Ask one of them.');
