import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { newId, Transactions, violates } from '@usher/database';
import { invalid, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { Authority, type Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { BUILT_IN_ROLES, PROJECT_PERMISSIONS, type RoleScope } from '../access/permissions.js';
import type { CreateRoleDto, UpdateRoleDto } from './role.dto.js';
import type { Role } from './role.entity.js';
import { RoleRepository } from './role.repository.js';

/** More than anybody can tell apart. */
const MOST_ROLES = 500;
const IN_PROJECTS: readonly string[] = PROJECT_PERMISSIONS;

/** An organisation's own roles: who makes, changes or deletes one must hold all that it holds. */
@Injectable()
export class RoleChangesService {
  constructor(
    private readonly roles: RoleRepository,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  async create(caller: Caller, organisationId: string, request: CreateRoleDto): Promise<Role> {
    const { key, name, scope, projectKind = null, permissions } = request;
    if (projectKind && scope !== 'PROJECT')
      throw invalid('projectKind', 'projectKind goes with scope PROJECT only; leave it out');
    refuseMisplaced(scope, permissions);
    const role = { id: newId(), organisationId, key, name, scope, projectKind, permissions, deletedAt: null };
    try {
      await this.transactions.run(async (tx) => {
        const holdings = await this.require(tx, caller, organisationId);
        refuseAboveCeiling(holdings, permissions);
        refuseBuiltInKey(scope, key);
        await this.refuseTooMany(tx, organisationId);
        await this.roles.insert(tx, role);
        await this.record(tx, 'role.created', role, { after: { key, name, scope, projectKind, permissions } });
      });
    } catch (error) {
      if (violates(error, 'roles_key')) throw keyTaken(key);
      throw error;
    }
    return role;
  }

  /** Whoever holds the role holds the new permissions from their next request on; open invitations are judged when accepted. */
  async change(caller: Caller, organisationId: string, id: string, changes: UpdateRoleDto): Promise<Role> {
    return this.transactions.run(async (tx) => {
      // Locked before the caller's standing is read: it may be their own role that somebody narrows at this moment.
      const role = await this.lock(tx, id, 'for_no_key_update');
      const holdings = await this.require(tx, caller, organisationId);
      const before = { name: role.name, permissions: role.permissions };
      const after = { ...before, ...changes };
      refuseMisplaced(role.scope, after.permissions);
      refuseAboveCeiling(holdings, before.permissions, after.permissions);
      await this.roles.update(tx, id, after);
      await this.record(tx, 'role.updated', role, { before, after });
      return { ...role, ...after };
    });
  }

  /** Locked before its uses are counted: nobody is giving it to somebody else then. */
  async delete(caller: Caller, organisationId: string, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const holdings = await this.require(tx, caller, organisationId);
      const role = await this.lock(tx, id, 'pessimistic_write');
      refuseAboveCeiling(holdings, role.permissions);
      await this.refuseInUse(tx, role);
      await this.roles.delete(tx, id);
      const { key, name, scope, projectKind, permissions } = role;
      await this.record(tx, 'role.deleted', role, { before: { key, name, scope, projectKind, permissions } });
    });
  }

  private require(tx: EntityManager, caller: Caller, organisationId: string): Promise<Holdings> {
    return this.authority.require(tx, caller, 'roles:manage', { organisationId, projectId: null });
  }

  private async lock(tx: EntityManager, id: string, mode: 'for_no_key_update' | 'pessimistic_write'): Promise<Role> {
    const role = await this.roles.lock(tx, id, mode);
    if (!role) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return role;
  }

  private async refuseTooMany(tx: EntityManager, organisationId: string): Promise<void> {
    if ((await this.roles.countOwn(tx, organisationId)) < MOST_ROLES) return;
    throw problem(
      409,
      'too_many_roles',
      `This organisation has ${MOST_ROLES} roles of its own already. Delete one first.`,
    );
  }

  private async refuseInUse(tx: EntityManager, role: Role): Promise<void> {
    const uses = await this.roles.usesOf(tx, role);
    if (Object.values(uses).every((count) => count === 0)) return;
    throw problem(
      409,
      'role_in_use',
      'This role is in use. Give those who hold it another one, and change or revoke the invitations to it.',
      uses,
    );
  }

  private record(tx: EntityManager, action: string, role: Role, change: object): Promise<void> {
    return this.audit.record(tx, {
      action,
      subject: { type: 'role', id: role.id },
      tenantId: role.organisationId,
      ...change,
    });
  }
}

function refuseMisplaced(scope: RoleScope, permissions: string[]): void {
  const misplaced = permissions.filter((permission) => scope === 'PROJECT' && !IN_PROJECTS.includes(permission));
  if (misplaced.length === 0) return;
  throw invalid(
    'permissions',
    `permissions must not hold ${misplaced.join(', ')}: a role of scope PROJECT holds project permissions only`,
  );
}

function refuseAboveCeiling(holdings: Holdings, ...permissionSets: string[][]): void {
  if (holdings.cover(permissionSets.map((permissions) => ({ projectId: null, permissions })))) return;
  throw problem(
    403,
    'above_ceiling',
    'This role holds more than you do. Ask somebody who holds as much, such as an owner.',
  );
}

function refuseBuiltInKey(scope: RoleScope, key: string): void {
  const isBuiltIn = BUILT_IN_ROLES.some((role) => role.scope === scope && role.key.toLowerCase() === key.toLowerCase());
  if (isBuiltIn) throw keyTaken(key);
}

const keyTaken = (key: string) =>
  problem(409, 'role_key_taken', `There is a role ${key} for this scope already. Choose another key.`);
