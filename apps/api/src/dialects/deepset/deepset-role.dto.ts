import { invalid, Id, Optional, ToleratesUnknown } from '@usher/http';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import type { RoleScope } from '../../access/permissions.js';
import type { Role } from '../../organisations/role.entity.js';

@ToleratesUnknown()
export class DeepsetRoleListQuery {
  /** Roles on the page, 1 to 100. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number = 10;

  /** `role_id` of the first role on the page after the one wanted. */
  @Optional()
  @Id()
  before?: string;

  /** `role_id` of the last role on the page before the one wanted. */
  @Optional()
  @Id()
  after?: string;
}

/** A role that can be given, in deepset's words. */
export class DeepsetRoleDto {
  /** @format uuid */
  role_id: string;

  /** Such as `ADMIN`; invitations may name the role by it. */
  key: string;

  name: string;

  /** Whether it is given in the organisation, or in its workspaces. */
  scope: RoleScope;

  permissions: string[];

  static from({ id, key, name, scope, permissions }: Role): DeepsetRoleDto {
    return { role_id: id, key, name, scope, permissions };
  }
}

export class DeepsetRoleListDto {
  data: DeepsetRoleDto[];

  /** Whether there are more in the direction of reading. */
  has_more: boolean;

  /** On all pages. */
  total: number;

  /** An organisation has few roles: the page is cut out of all of them. */
  static from(roles: Role[], { limit = 10, before, after }: DeepsetRoleListQuery): DeepsetRoleListDto {
    const start = after === undefined ? 0 : placeOf(roles, 'after', after) + 1;
    const end = before === undefined ? roles.length : placeOf(roles, 'before', before);
    const between = roles.slice(start, end);
    const isBackwards = before !== undefined && after === undefined;
    const page = isBackwards ? between.slice(-limit) : between.slice(0, limit);
    return { data: page.map(DeepsetRoleDto.from), has_more: page.length < between.length, total: roles.length };
  }
}

function placeOf(roles: Role[], parameter: string, id: string): number {
  const place = roles.findIndex((role) => role.id === id);
  if (place < 0) throw invalid(parameter, `${parameter} must be the role_id of a role of this list`);
  return place;
}
