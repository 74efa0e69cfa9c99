import type { MembershipStatus } from '../organisations/membership.entity.js';
import { type OrganisationReferenceDto } from '../organisations/organisation.dto.js';
import { type RoleReferenceDto } from '../organisations/role.dto.js';

export class ProjectRoleDto {
  /** @format uuid */
  projectId: string;

  name: string;

  role: RoleReferenceDto;
}

/** Where you are a member, and as what. */
export class MembershipDto {
  organisation: OrganisationReferenceDto;

  role: RoleReferenceDto;

  status: MembershipStatus;

  joinedAt: Date;

  projects: ProjectRoleDto[];
}

export class MembershipPageDto {
  data: MembershipDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}
