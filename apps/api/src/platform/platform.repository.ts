import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Platform } from './platform.entity.js';

/** The one row of this installation. */
@Injectable()
export class PlatformRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Any number of replicas may try. */
  async createIfMissing(): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .insert()
      .into(Platform)
      .values({ id: randomUUID() })
      .orIgnore()
      .execute();
  }

  /** Inside a transaction, give its `tx`. */
  async read(tx: EntityManager = this.dataSource.manager): Promise<Platform> {
    const [platform] = await tx.find(Platform, { take: 1 });
    return platform;
  }

  lock(tx: EntityManager): Promise<Platform> {
    return tx.findOneOrFail(Platform, { where: { isOnly: true }, lock: { mode: 'for_no_key_update' } });
  }

  async update(tx: EntityManager, id: string, changes: Partial<Platform>): Promise<void> {
    await tx.update(Platform, { id }, { ...changes, updatedAt: () => 'now()' });
  }
}
