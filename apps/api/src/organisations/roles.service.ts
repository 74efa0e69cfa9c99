import { Injectable, type OnModuleInit } from '@nestjs/common';
import { orderBy, type Page, Pages, problem } from '@usher/http';
import { isUUID } from 'class-validator';
import { Any, DataSource, type EntityManager, In, IsNull } from 'typeorm';
import { BUILT_IN_ROLES, type RoleScope } from '../access/permissions.js';
import type { RoleListQuery } from './role.dto.js';
import { Role } from './role.entity.js';

/** A role as a request names it: where it is to hold, and its key or id. */
export interface RoleName {
  scope: RoleScope;
  /** The kind of the project; null for organisation roles. */
  projectKind: string | null;
  /** A key such as `ADMIN`, in any case, or a role's id. */
  name: string;
}

const BY_KEY = orderBy<Role>('role', 'key', 'id');

/** Any number, as long as every replica uses the same one. */
const BUILT_IN_ROLES_LOCK = 7_046_216;

/** The roles that can be given: the built-in ones and an organisation's own. */
@Injectable()
export class RolesService implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  /** Writes the built-in roles as `permissions.ts` has them; any number of replicas may do so at once. */
  async onModuleInit(): Promise<void> {
    const rows = BUILT_IN_ROLES.map((role) => ({ ...role, permissions: [...role.permissions], organisationId: null }));
    await this.dataSource.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [BUILT_IN_ROLES_LOCK]);
      await tx.upsert(Role, rows, { conflictPaths: ['id'], skipUpdateIfNoValuesChanged: true });
    });
  }

  list(organisationId: string, query: RoleListQuery): Promise<Page<Role>> {
    const roles = this.dataSource
      .createQueryBuilder(Role, 'role')
      .where('(role.organisationId = :organisationId OR role.organisationId IS NULL) AND role.deletedAt IS NULL', {
        organisationId,
      });
    if (query.scope) roles.andWhere('role.scope = :scope', { scope: query.scope });
    return this.pages.read(roles, BY_KEY, query);
  }

  /** Every role that can be given in the organisation: the most specific first, those alike by key. */
  async all(organisationId: string): Promise<Role[]> {
    const roles = await givenIn(this.dataSource.manager, organisationId);
    return roles.sort((a, b) => mostSpecificFirst(a, b) || (inOrder(a) < inOrder(b) ? -1 : 1));
  }

  /** Finds all roles at once, in order, and keeps them; 404 when the organisation has no such role for that scope and kind. */
  async find(tx: EntityManager, organisationId: string, names: RoleName[]): Promise<Role[]> {
    const named = await this.named(tx, organisationId, names);
    return names.map((name) => {
      const role = named(name);
      if (!role) throw roleNotFound(name);
      return role;
    });
  }

  /** Finds them all at once, and keeps them; null for a role that the organisation does not have for that scope and kind. */
  async named(tx: EntityManager, organisationId: string, names: RoleName[]): Promise<(name: RoleName) => Role | null> {
    const candidates = await tx
      .createQueryBuilder(Role, 'role')
      .where('(role.organisationId IS NULL OR role.organisationId = :organisationId) AND role.deletedAt IS NULL')
      .andWhere('(lower(role.key) = ANY (:named) OR role.id::text = ANY (:named))')
      .setParameters({ organisationId, named: [...new Set(names.map(({ name }) => name.toLowerCase()))] })
      .getMany();
    const choose = roleAmong(candidates);
    const chosen = new Set(names.flatMap((name) => choose(name) ?? []));
    const kept = new Map((await this.keep(tx, [...chosen])).map((role) => [role.id, role]));
    return (name) => kept.get(choose(name)?.id ?? '') ?? null;
  }

  /**
   * Those of the roles that were not deleted meanwhile; until the transaction ends, nobody deletes them.
   * Whoever gives a role keeps it first: no membership and no open invitation has a deleted one.
   */
  async keep(tx: EntityManager, roles: Role[]): Promise<Role[]> {
    const own = roles.filter(({ organisationId }) => organisationId !== null).map(({ id }) => id);
    if (own.length === 0) return roles;
    const kept = await tx.find(Role, {
      where: { id: In(own), deletedAt: IsNull() },
      order: { id: 'ASC' },
      lock: { mode: 'for_key_share' },
    });
    return [...roles.filter(({ organisationId }) => organisationId === null), ...kept];
  }

  /** For wire formats that call a role by its key or its name, in any case; the key comes first. */
  async called(organisationId: string, wanted: RoleName): Promise<Role | null> {
    const given = await givenIn(this.dataSource.manager, organisationId);
    const isCalled = (role: Role): boolean => role.name.toLowerCase() === wanted.name.toLowerCase();
    const byKey = given.filter((role) => isNamed(role, wanted));
    const byName = given.filter((role) => fits(role, wanted) && isCalled(role));
    return byKey.sort(mostSpecificFirst)[0] ?? byName.sort(mostSpecificFirst)[0] ?? null;
  }

  /** With all that they hold, also those that were deleted. */
  withIds(ids: string[]): Promise<Role[]> {
    return this.byIds(this.dataSource.manager, ids);
  }

  byIds(tx: EntityManager, ids: string[]): Promise<Role[]> {
    return tx.findBy(Role, { id: Any(ids) });
  }
}

/** Which of the candidates a name means: each name is looked up once. */
export function roleAmong(candidates: readonly Role[]): (name: RoleName) => Role | null {
  const chosen = new Map<string, Role | null>();
  return (name) => {
    const spelt = `${name.scope} ${name.projectKind} ${name.name.toLowerCase()}`;
    let role = chosen.get(spelt);
    if (role === undefined) {
      [role = null] = candidates.filter((candidate) => isNamed(candidate, name)).sort(mostSpecificFirst);
      chosen.set(spelt, role);
    }
    return role;
  };
}

export const roleNotFound = (wanted: RoleName) =>
  problem(404, 'role_not_found', `There is no role ${wanted.name} for this ${describe(wanted)}.`);

const fits = (role: Role, wanted: RoleName): boolean =>
  role.scope === wanted.scope && (role.projectKind === null || role.projectKind === wanted.projectKind);

function givenIn(manager: EntityManager, organisationId: string): Promise<Role[]> {
  const deletedAt = IsNull();
  return manager.find(Role, {
    where: [
      { organisationId: IsNull(), deletedAt },
      { organisationId, deletedAt },
    ],
    order: { id: 'ASC' },
  });
}

function isNamed(role: Role, wanted: RoleName): boolean {
  const isMeant = isUUID(wanted.name)
    ? role.id === wanted.name.toLowerCase()
    : role.key.toLowerCase() === wanted.name.toLowerCase();
  return fits(role, wanted) && isMeant;
}

/** An organisation's own role before a built-in one, one for the kind before one for every kind. */
const mostSpecificFirst = (a: Role, b: Role): number =>
  Number(b.organisationId !== null) - Number(a.organisationId !== null) ||
  Number(b.projectKind !== null) - Number(a.projectKind !== null);

const inOrder = ({ key, id }: Role): string => `${key} ${id}`;

const describe = ({ scope, projectKind }: RoleName): string =>
  scope === 'ORGANISATION' ? 'organisation' : `project of kind ${projectKind}`;
