import { Injectable } from '@nestjs/common';
import { Transactions } from '@usher/database';
import { problem } from '@usher/http';
import { Authority } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { EVERYTHING, PLATFORM_ROLE_PERMISSIONS, platformRoleName } from '../access/permissions.js';
import { MembersService } from '../organisations/members.service.js';
import type { Membership } from '../organisations/membership.entity.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { RoleReferenceDto } from '../organisations/role.dto.js';
import type { Role } from '../organisations/role.entity.js';
import type { User } from '../users/user.entity.js';
import type { MemberAccessDto, PermissionSourceDto } from './member-access.dto.js';
import { ProjectMembershipRepository } from './project-membership.repository.js';
import { ProjectRepository } from './project.repository.js';

/** Whose access, and where. */
interface Question {
  organisationId: string;
  userId: string;
  projectId?: string;
}

/** A role that somebody holds, and what it lets them do. */
interface Source extends PermissionSourceDto {
  permissions: readonly string[];
}

/** Explains what somebody may do, for those who wonder why they can or cannot. It says what the guard would do, and decides nothing. */
@Injectable()
export class MemberAccessService {
  constructor(
    private readonly projects: ProjectRepository,
    private readonly projectMemberships: ProjectMembershipRepository,
    private readonly members: MembersService,
    private readonly organisations: OrganisationsService,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
  ) {}

  async explain(caller: Caller, question: Question): Promise<MemberAccessDto> {
    const membership = await this.members.get(question.organisationId, question.userId);
    await this.refuseUnknownProject(question);
    await this.refusePeeping(caller, question);
    const sources = [
      ...(isStaff(caller) ? throughPlatform(membership.user) : []),
      ...((await this.isHeldUp(membership)) ? [] : await this.throughRoles(membership, question)),
    ];
    const through = (permission: string) =>
      sources
        .filter(({ permissions }) => permissions.includes(permission))
        .map(({ role, scope }) => ({ permission, through: { role, scope } }));
    return { permissions: EVERYTHING.flatMap(through) };
  }

  private async refuseUnknownProject({ organisationId, projectId }: Question): Promise<void> {
    if (!projectId || (await this.projects.among(organisationId, [projectId])).length > 0) return;
    throw problem(404, 'project_not_found', `The organisation has no project ${projectId}.`);
  }

  /** Who holds what in a project is for those who see its members, and for themselves. */
  private async refusePeeping(caller: Caller, { organisationId, userId, projectId }: Question): Promise<void> {
    if (!projectId || userId === caller.id) return;
    const place = { organisationId, projectId };
    await this.transactions.run((tx) => this.authority.require(tx, caller, 'project-members:read', place));
  }

  /** Suspended people and those of a suspended organisation keep their roles and may do nothing with them. */
  private async isHeldUp({ organisationId, status, user }: Membership): Promise<boolean> {
    if (status !== 'ACTIVE' || user.status !== 'ACTIVE') return true;
    return (await this.organisations.get(organisationId)).status !== 'ACTIVE';
  }

  private async throughRoles({ role }: Membership, { projectId, ...key }: Question): Promise<Source[]> {
    const inProject = projectId ? await this.projectMemberships.find({ ...key, projectId }) : null;
    return [throughRole(role), ...(inProject ? [throughRole(inProject.role)] : [])];
  }
}

const isStaff = ({ platformRole }: Caller): boolean => PLATFORM_ROLE_PERMISSIONS[platformRole].length > 0;

const throughRole = (role: Role): Source => ({
  role: RoleReferenceDto.from(role),
  scope: role.scope,
  permissions: role.permissions,
});

/** It holds in every organisation, whatever became of this one or of the membership. */
const throughPlatform = ({ platformRole, status }: User): Source[] => [
  {
    role: { id: null, key: platformRole, name: platformRoleName(platformRole) },
    scope: 'PLATFORM',
    permissions: status === 'ACTIVE' ? PLATFORM_ROLE_PERMISSIONS[platformRole] : [],
  },
];
