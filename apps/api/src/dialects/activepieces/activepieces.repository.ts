import { Injectable } from '@nestjs/common';
import { EntityJson } from '@usher/database';
import { DataSource } from 'typeorm';
import type { Role } from '../../organisations/role.entity.js';
import { RoleRepository } from '../../organisations/role.repository.js';
import { Platform } from '../../platform/platform.entity.js';

/** What Activepieces shows beside an invitation. */
@Injectable()
export class ActivepiecesRepository {
  private readonly platforms: EntityJson<Platform>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly roles: RoleRepository,
  ) {
    this.platforms = new EntityJson(dataSource, Platform);
  }

  /** The platform, and the roles with these ids, deleted ones too. */
  async beside(roleIds: string[]): Promise<{ platform: Platform; roles: Role[] }> {
    const [{ platform, roles }]: [{ platform: object; roles: Role[] }] = await this.dataSource.query(
      `SELECT ${this.platforms.object('p')} AS platform,
         (SELECT coalesce(json_agg(${this.roles.object('r')}), '[]') FROM roles r WHERE r.id = ANY ($1)) AS roles
       FROM platform p`,
      [roleIds],
    );
    return { platform: this.platforms.read(platform), roles };
  }
}
