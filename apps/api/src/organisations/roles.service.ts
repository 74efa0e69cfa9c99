import { Injectable, type OnModuleInit } from '@nestjs/common';
import { flush } from '@usher/database';
import { type Page, problem } from '@usher/http';
import { isUUID } from 'class-validator';
import type { EntityManager } from 'typeorm';
import type { RoleScope } from '../access/permissions.js';
import type { RoleListQuery } from './role.dto.js';
import type { Role } from './role.entity.js';
import { RoleRepository } from './role.repository.js';

/** A role as a request names it: where it is to hold, and its key or id. */
export interface RoleName {
  scope: RoleScope;
  /** The kind of the project; null for organisation roles. */
  projectKind: string | null;
  /** A key such as `ADMIN`, in any case, or a role's id. */
  name: string;
}

/** The roles that can be given: the built-in ones and an organisation's own. */
@Injectable()
export class RolesService implements OnModuleInit {
  constructor(private readonly roles: RoleRepository) {}

  async onModuleInit(): Promise<void> {
    await this.roles.writeBuiltIn();
  }

  list(organisationId: string, query: RoleListQuery): Promise<Page<Role>> {
    return this.roles.page(organisationId, query);
  }

  /** Every role that can be given in the organisation: the most specific first, those alike by key. */
  async all(organisationId: string): Promise<Role[]> {
    return inOrder(await this.roles.givenIn(organisationId));
  }

  /** Finds a role, and keeps it: until the transaction ends, nobody deletes it. 404 when the organisation has no such role for that scope and kind. */
  async find(tx: EntityManager, organisationId: string, name: RoleName): Promise<Role> {
    const [own] = await flush(tx, [this.roles.keep(organisationId, [name.name.toLowerCase()])]);
    const role = roleAmong([...this.roles.builtIn, ...own])(name);
    if (!role) throw roleNotFound(name);
    return role;
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

/** For wire formats that call a role by its key or its name, in any case; the key comes first. */
export function roleCalled(candidates: readonly Role[], wanted: RoleName): Role | null {
  const isCalled = (role: Role): boolean => role.name.toLowerCase() === wanted.name.toLowerCase();
  const byKey = candidates.filter((role) => isNamed(role, wanted));
  const byName = candidates.filter((role) => fits(role, wanted) && isCalled(role));
  return byKey.sort(mostSpecificFirst)[0] ?? byName.sort(mostSpecificFirst)[0] ?? null;
}

export const roleNotFound = (wanted: RoleName) =>
  problem(404, 'role_not_found', `There is no role ${wanted.name} for this ${describe(wanted)}.`);

const fits = (role: Role, wanted: RoleName): boolean =>
  role.scope === wanted.scope && (role.projectKind === null || role.projectKind === wanted.projectKind);

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

/** The most specific first, those alike by key. */
export const inOrder = (roles: readonly Role[]): Role[] => {
  const place = ({ key, id }: Role): string => `${key} ${id}`;
  return roles.toSorted((a, b) => mostSpecificFirst(a, b) || (place(a) < place(b) ? -1 : 1));
};

const describe = ({ scope, projectKind }: RoleName): string =>
  scope === 'ORGANISATION' ? 'organisation' : `project of kind ${projectKind}`;
