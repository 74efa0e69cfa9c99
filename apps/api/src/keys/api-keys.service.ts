import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { DomainEvents, newId, Transactions } from '@usher/database';
import { invalid, orderBy, type PageQuery, Pages, problem } from '@usher/http';
import { Any, DataSource, type EntityManager, type FindOptionsWhere, IsNull, Not } from 'typeorm';
import type { Principal } from '../access/caller.js';
import { hashOf, newApiKey, prefixOf } from '../access/credential.js';
import { MemberKeysUnwanted } from '../organisations/organisation.events.js';
import { PasswordReplaced, UserRightsReduced } from '../users/user.events.js';
import { ApiKeyDto, type ApiKeyPageDto, type CreateApiKeyDto, type CreatedApiKeyDto } from './api-key.dto.js';
import { ApiKey } from './api-key.entity.js';
import { KeyInvitationsUnwanted } from './api-key.events.js';
import { PrincipalNames } from './principal-names.js';

const NEWEST_FIRST = orderBy<ApiKey>('key', '-createdAt', 'id');

/** Whose keys: an organisation's, a person's, or, with neither, the platform's. */
export type KeyOwner = { organisationId: string } | { userId: string } | 'platform';

/** What a new key may do: a role, where its owner gives one. */
export type KeyRights = Pick<Partial<ApiKey>, 'roleId' | 'platformRole'>;

/** A key that somebody made, or that such a key made. */
const MADE_BY = `
  WITH RECURSIVE made AS (
    SELECT id FROM api_keys WHERE organisation_id = $1 AND created_by_type = 'user' AND created_by_id = $2
    UNION
    SELECT k.id FROM api_keys k JOIN made ON k.created_by_id = made.id
    WHERE k.organisation_id = $1 AND k.created_by_type = 'api_key')
  SELECT id FROM made`;

/** More than anybody needs; a stolen credential must not pile them up. */
const MOST_KEYS = 1_000;

export const aboveCeiling = () =>
  problem(403, 'above_ceiling', 'This key holds more than you do. Ask somebody who holds as much, such as an owner.');

/** Makes, shows and revokes keys. Who may do so is for those to say who know the owner. */
@Injectable()
export class ApiKeysService implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly names: PrincipalNames,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly pages: Pages,
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
    const keys = this.dataSource
      .createQueryBuilder(ApiKey, 'key')
      .leftJoinAndSelect('key.role', 'role')
      .where({ ...ownedBy(owner), revokedAt: IsNull() });
    const page = await this.pages.read(keys, NEWEST_FIRST, query);
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
      await refusePast(tx, expiresAt);
      const rights = await permit(tx);
      await this.refuseTooMany(tx, owner);
      await tx.insert(ApiKey, {
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
    const key = await this.dataSource.manager.findOneOrFail(ApiKey, { where: { id }, relations: { role: true } });
    const [shown] = await this.present([key]);
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
      const where = { ...ownedBy(owner), id, revokedAt: IsNull() };
      // Before the caller's standing, which may be this very key's: they cannot both be locked shared, and wait for each other.
      const key = await tx.findOne(ApiKey, { where, lock: { mode: 'for_no_key_update' } });
      if (!key) throw problem(404, 'not_found', 'There is no API key with this id.');
      await permit(tx, key);
      await this.revokeAll(tx, { id });
      if (withdrawInvitations) await this.events.publish(tx, new KeyInvitationsUnwanted(id));
    });
  }

  /** Those that the leaver made, those that these made, and so on. */
  private async revokeMadeBy(
    tx: EntityManager,
    { organisationId, userId, holdings }: MemberKeysUnwanted,
  ): Promise<void> {
    const found: { id: string }[] = await tx.query(MADE_BY, [organisationId, userId]);
    const where = { id: Any(found.map(({ id }) => id)), revokedAt: IsNull() };
    for (const { role } of await tx.find(ApiKey, { where, relations: { role: true } })) {
      const isCovered = holdings.cover([{ projectId: null, permissions: role?.permissions ?? [] }]);
      if (!holdings.has('keys:manage') || !isCovered) throw aboveCeiling();
    }
    await this.revokeAll(tx, where);
  }

  private async revokeAll(tx: EntityManager, where: FindOptionsWhere<ApiKey>): Promise<void> {
    const live = { ...where, revokedAt: IsNull() };
    const keys = await tx.find(ApiKey, { where: live, order: { id: 'ASC' }, lock: { mode: 'for_no_key_update' } });
    await tx.update(ApiKey, { id: Any(keys.map(({ id }) => id)) }, { revokedAt: () => 'now()' });
    await this.audit.record(tx, ...keys.map((key) => about('api_key.revoked', key)));
  }

  private async refuseTooMany(tx: EntityManager, owner: KeyOwner): Promise<void> {
    if ((await tx.countBy(ApiKey, { ...ownedBy(owner), revokedAt: IsNull() })) < MOST_KEYS) return;
    throw problem(409, 'too_many_api_keys', `There are ${MOST_KEYS} API keys already. Revoke those that nobody uses.`);
  }

  private async present(keys: ApiKey[]): Promise<ApiKeyDto[]> {
    const makers = keys.map((key): Principal => ({ type: key.createdByType, id: key.createdById }));
    const names = await this.names.of(makers);
    return keys.map((key) => ApiKeyDto.from(key, names.get(key.createdById) ?? null));
  }
}

const ownedBy = (owner: KeyOwner): FindOptionsWhere<ApiKey> =>
  owner === 'platform' ? { platformRole: Not(IsNull()) } : owner;

const tenantOf = (owner: KeyOwner): { organisationId: string | null } =>
  owner !== 'platform' && 'organisationId' in owner ? owner : { organisationId: null };

const about = (action: string, { id, organisationId }: Pick<ApiKey, 'id' | 'organisationId'>) => ({
  action,
  subject: { type: 'api_key', id },
  tenantId: organisationId,
});

/** By the database's clock, which will decide when it expires. */
async function refusePast(tx: EntityManager, expiresAt: Date | undefined): Promise<void> {
  if (!expiresAt) return;
  const [{ isPast }]: [{ isPast: boolean }] = await tx.query('SELECT $1::timestamptz <= now() AS "isPast"', [
    expiresAt,
  ]);
  if (isPast) throw invalid('expiresAt', 'expiresAt must be in the future');
}
