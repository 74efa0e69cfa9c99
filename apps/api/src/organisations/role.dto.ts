import { Optional, PageQuery, PlainText } from '@usher/http';
import { IsIn, IsOptional } from 'class-validator';
import { ORGANISATION_PERMISSIONS, PROJECT_PERMISSIONS, ROLE_SCOPES, type RoleScope } from '../access/permissions.js';
import { IsProjectKind } from './project-kind.js';
import type { Role } from './role.entity.js';
import { IsPermissionList, IsRoleKey } from './role-fields.js';

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

/** A role with all that it holds. */
export class RoleDto extends RoleReferenceDto {
  /** Whether it is given in the organisation, or in its projects. */
  scope: RoleScope;

  /** Given in projects of this kind alone; null: of every kind. */
  projectKind: string | null;

  /** `getPermissions` lists all there are. */
  permissions: string[];

  static override from({ id, key, name, scope, projectKind, permissions }: Role): RoleDto {
    return { id, key, name, scope, projectKind, permissions };
  }
}

export class RolePageDto {
  data: RoleDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

export class RoleListQuery extends PageQuery {
  @Optional()
  @IsIn(ROLE_SCOPES)
  scope?: RoleScope;
}

export class CreateRoleDto {
  /** A word of letters, digits, `_` and `-` that begins with a letter; no other role of this scope has it, in any case. It cannot be changed. */
  @IsRoleKey()
  key: string;

  /** 1 to 100 characters, one line. */
  @PlainText(100)
  name: string;

  /** It cannot be changed. */
  @IsIn(ROLE_SCOPES)
  scope: RoleScope;

  /** With scope PROJECT: only for projects of this kind; otherwise for those of every kind. It cannot be changed. */
  @IsOptional()
  @IsProjectKind()
  projectKind?: string | null;

  /** What it holds, each once; at most what you hold yourself. A role of scope PROJECT holds project permissions only. */
  @IsPermissionList()
  permissions: string[];
}

/** What is left out stays. */
export class UpdateRoleDto {
  /** 1 to 100 characters, one line. */
  @Optional()
  @PlainText(100)
  name?: string;

  /** Replaced as a whole. You must hold both the present ones and these. */
  @Optional()
  @IsPermissionList()
  permissions?: string[];
}

/** Something that a role may let people do. */
export class PermissionDto {
  /** Such as `members:read`. */
  permission: string;

  /** ORGANISATION: only roles of that scope hold it. PROJECT: held in an organisation's role, it holds in all its projects. */
  scope: RoleScope;
}

export class PermissionListDto {
  data: PermissionDto[];

  static all(): PermissionListDto {
    const inScope = (scope: RoleScope) => (permission: string) => ({ permission, scope });
    const data = [
      ...ORGANISATION_PERMISSIONS.map(inScope('ORGANISATION')),
      ...PROJECT_PERMISSIONS.map(inScope('PROJECT')),
    ];
    return { data };
  }
}
