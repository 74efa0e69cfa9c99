import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Authority, EVERYWHERE } from '../access/authority.js';
import type { Principal } from '../access/caller.js';
import { PLATFORM_ROLE_PERMISSIONS, type PlatformRole } from '../access/permissions.js';
import { RolesService } from '../organisations/roles.service.js';
import { aboveCeiling, type KeyRights } from './api-keys.service.js';

/** Who may make or revoke which key: those who manage keys there, and hold all that the key holds. */
@Injectable()
export class KeyRules {
  constructor(
    private readonly authority: Authority,
    private readonly roles: RolesService,
  ) {}

  /** 404 for a role that the organisation does not have, 403 for one above the caller. */
  async permitRole(tx: EntityManager, caller: Principal, organisationId: string, name: string): Promise<KeyRights> {
    const place = { organisationId, projectId: null };
    const holdings = await this.authority.require(tx, caller, 'keys:manage', place);
    const role = await this.roles.find(tx, organisationId, { scope: 'ORGANISATION', projectKind: null, name });
    if (!holdings.cover([{ projectId: null, permissions: role.permissions }])) throw aboveCeiling();
    return { roleId: role.id };
  }

  async permitPlatformRole(tx: EntityManager, caller: Principal, platformRole: PlatformRole): Promise<KeyRights> {
    const holdings = await this.authority.require(tx, caller, 'platform:manage', EVERYWHERE);
    const permissions = PLATFORM_ROLE_PERMISSIONS[platformRole];
    if (!holdings.cover([{ projectId: null, permissions }])) throw aboveCeiling();
    return { platformRole };
  }
}
