import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { DatabaseClock, DomainEvents, newId, Transactions } from '@usher/database';
import { invalid, type PageQuery, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import type { Principal } from '../access/caller.js';
import { hashOf, newApiKey, prefixOf } from '../access/credential.js';
import { MemberKeysUnwanted } from '../organisations/organisation.events.js';
import { PasswordReplaced, UserRightsReduced } from '../users/user.events.js';
import { ApiKeyDto, type ApiKeyPageDto, type CreateApiKeyDto, type CreatedApiKeyDto } from './api-key.dto.js';
import type { ApiKey } from './api-key.entity.js';
import { KeyInvitationsUnwanted } from './api-key.events.js';
import { ApiKeyRepository, type KeyOwner, type WhichKeys } from './api-key.repository.js';
import { PrincipalNames } from './principal-names.js';

/** What a new key may do: a role, where its owner gives one. */
export type KeyRights = Pick<Partial<ApiKey>, 'roleId' | 'platformRole'>;

/** More than anybody needs; a stolen credential must not pile them up. */
const MOST_KEYS = 1_000;

export const aboveCeiling = () =>
  problem(403, 'above_ceiling', 'This key holds more than you do. Ask somebody who holds as much, such as an owner.');

/** Makes, shows and revokes keys. Who may do so is for those to say who know the owner. */
@Injectable()
export class ApiKeysService implements OnModuleInit {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly names: PrincipalNames,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly clock: DatabaseClock,
  ) {}

  onModuleInit(): void {
    this.events.on(PasswordReplaced, (tx, { userId }) => this.revokeAll(tx, { userId }));
    this.events.on(UserRightsReduced, async (tx, { userId, isSuspended }) => {
      if (isSuspended) await this.revokeAll(tx, { userId });
    });
    this.events.on(MemberKeysUnwanted, (tx, unwanted) => this.revokeMadeBy(tx, unwanted));
  }

  /** Expired keys are listed, revoked ones are not. */
  async list(owner: KeyOwner, query: PageQuery): Promise<ApiKeyPageDto> {
    const page = await this.keys.page(owner, query);
    return { ...page, data: await this.present(page.data) };
  }

  /** `permit` refuses who may not; what it answers is what the key will hold. The key itself is answered this once. */
  async create(
    caller: Principal,
    owner: KeyOwner,
    { name, expiresAt }: CreateApiKeyDto,
    permit: (tx: EntityManager) => Promise<KeyRights>,
  ): Promise<CreatedApiKeyDto> {
    const secret = newApiKey();
    const id = newId();
    await this.transactions.run(async (tx) => {
      await this.refusePast(tx, expiresAt);
      const rights = await permit(tx);
      await this.refuseTooMany(tx, owner);
      await this.keys.insert(tx, {
        ...(owner === 'platform' ? {} : owner),
        ...rights,
        id,
        name,
        expiresAt: expiresAt ?? null,
        prefix: prefixOf(secret),
        secretHash: hashOf(secret),
        createdByType: caller.type,
        createdById: caller.id,
      });
      const after = { name, ...rights, expiresAt: expiresAt ?? null };
      await this.audit.record(tx, { ...about('api_key.created', { id, ...tenantOf(owner) }), after });
    });
    const [shown] = await this.present([await this.keys.get(id)]);
    return { ...shown, key: secret };
  }

  /** Effective at once, on every replica. `permit` refuses who may not. */
  async revoke(
    owner: KeyOwner,
    id: string,
    withdrawInvitations: boolean,
    permit: (tx: EntityManager, key: ApiKey) => Promise<void>,
  ): Promise<void> {
    await this.transactions.run(async (tx) => {
      // Before the caller's standing, which may be this very key's: they cannot both be locked shared, and wait for each other.
      const key = await this.keys.lock(tx, owner, id);
      if (!key) throw problem(404, 'not_found', 'There is no API key with this id.');
      await permit(tx, key);
      await this.revokeAll(tx, { ids: [id] });
      if (withdrawInvitations) await this.events.publish(tx, new KeyInvitationsUnwanted(id));
    });
  }

  /** Those that the leaver made, those that these made, and so on. */
  private async revokeMadeBy(
    tx: EntityManager,
    { organisationId, userId, holdings }: MemberKeysUnwanted,
  ): Promise<void> {
    const made = await this.keys.madeBy(tx, organisationId, userId);
    for (const { role } of made) {
      const isCovered = holdings.cover([{ projectId: null, permissions: role?.permissions ?? [] }]);
      if (!holdings.has('keys:manage') || !isCovered) throw aboveCeiling();
    }
    await this.revokeAll(tx, { ids: made.map(({ id }) => id) });
  }

  private async revokeAll(tx: EntityManager, which: WhichKeys): Promise<void> {
    const keys = await this.keys.revoke(tx, which);
    await this.audit.record(tx, ...keys.map((key) => about('api_key.revoked', key)));
  }

  /** By the database's clock, which will decide when it expires. */
  private async refusePast(tx: EntityManager, expiresAt: Date | undefined): Promise<void> {
    if (!expiresAt || expiresAt > (await this.clock.now(tx))) return;
    throw invalid('expiresAt', 'expiresAt must be in the future');
  }

  private async refuseTooMany(tx: EntityManager, owner: KeyOwner): Promise<void> {
    if ((await this.keys.count(tx, owner)) < MOST_KEYS) return;
    throw problem(409, 'too_many_api_keys', `There are ${MOST_KEYS} API keys already. Revoke those that nobody uses.`);
  }

  private async present(keys: ApiKey[]): Promise<ApiKeyDto[]> {
    const makers = keys.map((key): Principal => ({ type: key.createdByType, id: key.createdById }));
    const names = await this.names.of(makers);
    return keys.map((key) => ApiKeyDto.from(key, names.get(key.createdById) ?? null));
  }
}

const tenantOf = (owner: KeyOwner): { organisationId: string | null } =>
  owner !== 'platform' && 'organisationId' in owner ? owner : { organisationId: null };

const about = (action: string, { id, organisationId }: Pick<ApiKey, 'id' | 'organisationId'>) => ({
  action,
  subject: { type: 'api_key', id },
  tenantId: organisationId,
});
