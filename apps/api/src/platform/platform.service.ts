import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import type { EntityManager } from 'typeorm';
import { Authority, EVERYWHERE } from '../access/authority.js';
import type { Principal } from '../access/caller.js';
import type { UpdatePlatformDto } from './platform.dto.js';
import type { Platform } from './platform.entity.js';
import { PlatformRepository } from './platform.repository.js';

/** The settings of this installation. */
@Injectable()
export class PlatformService implements OnModuleInit {
  constructor(
    private readonly platforms: PlatformRepository,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** The first start of an installation writes its one row; any number of replicas may try. */
  async onModuleInit(): Promise<void> {
    await this.platforms.createIfMissing();
  }

  /** Inside a transaction, give its `tx`. */
  settings(tx?: EntityManager): Promise<Platform> {
    return this.platforms.read(tx);
  }

  async update(caller: Principal, { limits, ...changes }: UpdatePlatformDto): Promise<Platform> {
    return this.transactions.run(async (tx) => {
      await this.authority.require(tx, caller, 'platform:manage', EVERYWHERE);
      const before = await this.platforms.lock(tx);
      const after = { ...changes, limits: { ...before.limits, ...limits } };
      await this.platforms.update(tx, before.id, after);
      const subject = { type: 'platform', id: before.id };
      await this.audit.record(tx, { action: 'platform.updated', subject, before, after });
      return this.settings(tx);
    });
  }
}
