import { Id, Optional } from '@usher/http';
import type { RoleScope } from '../access/permissions.js';

export class MemberAccessQuery {
  /** What they may do in this project of the organisation, too. */
  @Optional()
  @Id()
  projectId?: string;
}

/** Where a role is held: on the platform, in the organisation, or in the project. */
export type SourceScope = 'PLATFORM' | RoleScope;

export class SourceRoleDto {
  /**
   * Null: a platform role.
   * @format uuid
   */
  id: string | null;

  key: string;

  name: string;
}

/** Where somebody has a permission from. */
export class PermissionSourceDto {
  role: SourceRoleDto;

  scope: SourceScope;
}

/** Something that a member may do, through one of their roles. */
export class HeldPermissionDto {
  /** Such as `members:read`. */
  permission: string;

  through: PermissionSourceDto;
}

export class MemberAccessDto {
  /** In the order of the permission table; one entry for every role that a permission comes from. */
  permissions: HeldPermissionDto[];
}
