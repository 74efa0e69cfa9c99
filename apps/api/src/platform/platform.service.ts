import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import { DataSource, type EntityManager } from 'typeorm';
import { Authority, EVERYWHERE } from '../access/authority.js';
import type { Principal } from '../access/caller.js';
import type { UpdatePlatformDto } from './platform.dto.js';
import { Platform } from './platform.entity.js';

/** The settings of this installation. */
@Injectable()
export class PlatformService implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** The first start of an installation writes its one row; any number of replicas may try. */
  async onModuleInit(): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .insert()
      .into(Platform)
      .values({ id: randomUUID() })
      .orIgnore()
      .execute();
  }

  /** Inside a transaction, give its `tx`. */
  async settings(tx: EntityManager = this.dataSource.manager): Promise<Platform> {
    const [platform] = await tx.find(Platform, { take: 1 });
    return platform;
  }

  async update(caller: Principal, { limits, ...changes }: UpdatePlatformDto): Promise<Platform> {
    return this.transactions.run(async (tx) => {
      await this.authority.require(tx, caller, 'platform:manage', EVERYWHERE);
      const before = await tx.findOneOrFail(Platform, { where: { isOnly: true }, lock: { mode: 'for_no_key_update' } });
      const after = { ...changes, limits: { ...before.limits, ...limits } };
      await tx.update(Platform, { id: before.id }, { ...after, updatedAt: () => 'now()' });
      const subject = { type: 'platform', id: before.id };
      await this.audit.record(tx, { action: 'platform.updated', subject, before, after });
      return this.settings(tx);
    });
  }
}
