import type { Role } from './role.entity.js';

/** A role as answers name it. */
export class RoleReferenceDto {
  /** @format uuid */
  id: string;

  /** Such as `ADMIN`; requests may name the role by it. */
  key: string;

  name: string;

  static from({ id, key, name }: Pick<Role, 'id' | 'key' | 'name'>): RoleReferenceDto {
    return { id, key, name };
  }
}
