import { Injectable } from '@nestjs/common';
import { flush, sql } from '@usher/database';
import { orderBy, type Page, type PageQuery, Pages } from '@usher/http';
import { Any, DataSource, type EntityManager, type FindOptionsWhere, In, IsNull, Not } from 'typeorm';
import { ApiKey } from './api-key.entity.js';

const NEWEST_FIRST = orderBy<ApiKey>('key', '-createdAt', 'id');

/** Whose keys: an organisation's, a person's, or, with neither, the platform's. */
export type KeyOwner = { organisationId: string } | { userId: string } | 'platform';

/** Of those that were not revoked. */
export type WhichKeys = KeyOwner | { ids: string[] };

/** API keys, as rows; revoked ones are read by none of these but `get` and `withIds`. */
@Injectable()
export class ApiKeyRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  /** Expired ones too; with the roles. */
  page(owner: KeyOwner, query: PageQuery): Promise<Page<ApiKey>> {
    const keys = this.dataSource
      .createQueryBuilder(ApiKey, 'key')
      .leftJoinAndSelect('key.role', 'role')
      .where(unrevoked(owner));
    return this.pages.read(keys, NEWEST_FIRST, query);
  }

  /** With the role. */
  get(id: string): Promise<ApiKey> {
    return this.dataSource.manager.findOneOrFail(ApiKey, { where: { id }, relations: { role: true } });
  }

  withIds(ids: string[]): Promise<ApiKey[]> {
    return this.dataSource.manager.findBy(ApiKey, { id: In(ids) });
  }

  count(tx: EntityManager, owner: KeyOwner): Promise<number> {
    return tx.countBy(ApiKey, unrevoked(owner));
  }

  /** Those that somebody made in an organisation, those that these made, and so on; with the roles. */
  async madeBy(tx: EntityManager, organisationId: string, userId: string): Promise<ApiKey[]> {
    const [found] = await flush(tx, [sql<{ id: string }>(MADE_BY, [organisationId, userId])]);
    const where = unrevoked({ ids: found.map(({ id }) => id) });
    return tx.find(ApiKey, { where, relations: { role: true } });
  }

  lock(tx: EntityManager, owner: KeyOwner, id: string): Promise<ApiKey | null> {
    return tx.findOne(ApiKey, { where: { ...unrevoked(owner), id }, lock: { mode: 'for_no_key_update' } });
  }

  async insert(tx: EntityManager, key: Partial<ApiKey>): Promise<void> {
    await tx.insert(ApiKey, key);
  }

  /** Answers those that it revoked. */
  async revoke(tx: EntityManager, which: WhichKeys): Promise<ApiKey[]> {
    const where = unrevoked(which);
    const keys = await tx.find(ApiKey, { where, order: { id: 'ASC' }, lock: { mode: 'for_no_key_update' } });
    await tx.update(ApiKey, { id: Any(keys.map(({ id }) => id)) }, { revokedAt: () => 'now()' });
    return keys;
  }
}

const unrevoked = (which: WhichKeys): FindOptionsWhere<ApiKey> => ({ ...conditionOf(which), revokedAt: IsNull() });

function conditionOf(which: WhichKeys): FindOptionsWhere<ApiKey> {
  if (which === 'platform') return { platformRole: Not(IsNull()) };
  return 'ids' in which ? { id: Any(which.ids) } : which;
}

/** A key that somebody made, or that such a key made. */
const MADE_BY = `
  WITH RECURSIVE made AS (
    SELECT id FROM api_keys WHERE organisation_id = $1 AND created_by_type = 'user' AND created_by_id = $2
    UNION
    SELECT k.id FROM api_keys k JOIN made ON k.created_by_id = made.id
    WHERE k.organisation_id = $1 AND k.created_by_type = 'api_key')
  SELECT id FROM made`;
