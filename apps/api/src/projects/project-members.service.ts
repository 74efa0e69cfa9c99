import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { DomainEvents, Transactions, violates } from '@usher/database';
import { type Page, type PageQuery, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import type { Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { covers } from '../access/permissions.js';
import { MemberRightsReduced } from '../organisations/organisation.events.js';
import type { Role } from '../organisations/role.entity.js';
import { RolesService } from '../organisations/roles.service.js';
import type { User } from '../users/user.entity.js';
import { AddedToProject } from './added-to-project.js';
import type { AddProjectMemberDto } from './project.dto.js';
import type { Project } from './project.entity.js';
import type { ProjectMembership } from './project-membership.entity.js';
import { ProjectMembershipRepository } from './project-membership.repository.js';
import { ProjectsService } from './projects.service.js';

/** Who is in a project, and as what. */
@Injectable()
export class ProjectMembersService {
  constructor(
    private readonly memberships: ProjectMembershipRepository,
    private readonly projects: ProjectsService,
    private readonly roles: RolesService,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly news: AddedToProject,
  ) {}

  list(organisationId: string, projectId: string, query: PageQuery): Promise<Page<ProjectMembership>> {
    return this.memberships.page(organisationId, projectId, query);
  }

  /** Only members of the organisation; they get a mail that says so. Others are invited. */
  async add(
    caller: Caller,
    projectId: string,
    { userId, role: roleName }: AddProjectMemberDto,
  ): Promise<ProjectMembership> {
    try {
      await this.transactions.run(async (tx) => {
        const { project, holdings } = await this.projects.enter(tx, caller, projectId, 'project-members:manage');
        const role = await this.findRole(tx, project, roleName);
        const user = await this.findMember(tx, project, userId);
        this.refuseAboveCeiling(holdings, projectId, role.permissions);
        const { organisationId } = project;
        await this.memberships.insert(tx, { organisationId, projectId, userId, roleId: role.id });
        await this.record(tx, 'project_member.added', project, { userId, after: { role: role.key } });
        await this.news.tell(tx, caller, project, { user, role });
      });
    } catch (error) {
      if (violates(error, 'project_memberships_pkey')) {
        throw problem(409, 'already_member', 'This person is in the project already. Change their role instead.');
      }
      throw error;
    }
    return this.memberships.get({ projectId, userId });
  }

  async changeRole(caller: Caller, projectId: string, userId: string, roleName: string): Promise<ProjectMembership> {
    await this.transactions.run(async (tx) => {
      await this.projects.lockWithMember(tx, projectId, userId);
      const { project, holdings } = await this.projects.enter(tx, caller, projectId, 'project-members:manage');
      const membership = await this.findMembership(tx, projectId, userId);
      const role = await this.findRole(tx, project, roleName);
      if (userId === caller.id) throw problem(403, 'own_role', 'Nobody changes their own role. Ask another admin.');
      this.refuseAboveCeiling(holdings, projectId, membership.role.permissions, role.permissions);
      const { organisationId } = project;
      await this.memberships.changeRole(tx, { organisationId, projectId, userId }, role.id);
      const change = { before: { role: membership.role.key }, after: { role: role.key } };
      await this.record(tx, 'project_member.role_changed', project, { userId, ...change });
      const hasLost = !covers(new Set(role.permissions), membership.role.permissions);
      if (hasLost) await this.events.publish(tx, new MemberRightsReduced(organisationId, userId, projectId));
    });
    return this.memberships.get({ projectId, userId });
  }

  /** Anyone may leave a project; removing others needs `project-members:manage` and everything that they hold. */
  async remove(caller: Caller, projectId: string, userId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.projects.lockWithMember(tx, projectId, userId);
      const isOwn = userId === caller.id;
      const permission = isOwn ? null : 'project-members:manage';
      const { project, holdings } = await this.projects.enter(tx, caller, projectId, permission);
      if (isOwn) await this.refuseOutsider(tx, holdings, { projectId, userId });
      const membership = await this.findMembership(tx, projectId, userId);
      if (!isOwn) this.refuseAboveCeiling(holdings, projectId, membership.role.permissions);
      await this.memberships.delete(tx, { organisationId: project.organisationId, projectId, userId });
      const action = isOwn ? 'project_member.left' : 'project_member.removed';
      await this.record(tx, action, project, { userId, before: { role: membership.role.key } });
      await this.events.publish(tx, new MemberRightsReduced(project.organisationId, userId, projectId));
    });
  }

  /** Who is not in the project, and does not see to its members, learns nothing of them by naming themselves. */
  private async refuseOutsider(
    tx: EntityManager,
    holdings: Holdings,
    own: { projectId: string; userId: string },
  ): Promise<void> {
    if (holdings.has('project-members:manage', own.projectId) || (await this.memberships.exists(tx, own))) return;
    throw problem(403, 'forbidden', 'You are not in this project.');
  }

  private findRole(tx: EntityManager, { organisationId, kind }: Project, name: string): Promise<Role> {
    return this.roles.find(tx, organisationId, { scope: 'PROJECT', projectKind: kind, name });
  }

  private async findMember(tx: EntityManager, { organisationId }: Project, userId: string): Promise<User> {
    const user = await this.memberships.candidate(tx, organisationId, userId);
    if (user) return user;
    throw problem(404, 'not_found', 'The organisation has no member with this userId. Invite them instead.');
  }

  private async findMembership(tx: EntityManager, projectId: string, userId: string): Promise<ProjectMembership> {
    const membership = await this.memberships.lock(tx, { projectId, userId });
    if (!membership) throw problem(404, 'not_found', 'There is no member with this id in the project.');
    return membership;
  }

  private refuseAboveCeiling(holdings: Holdings, projectId: string, ...permissionSets: string[][]): void {
    if (holdings.cover(permissionSets.map((permissions) => ({ projectId, permissions })))) return;
    throw problem(403, 'above_ceiling', 'This role holds more than you do. Ask somebody who holds as much.');
  }

  private record(
    tx: EntityManager,
    action: string,
    project: Project,
    { userId, before, after }: { userId: string; before?: object; after?: object },
  ) {
    const withProject = (fields?: object) => (fields ? { projectId: project.id, ...fields } : undefined);
    const subject = { type: 'user', id: userId };
    return this.audit.record(tx, {
      action,
      subject,
      tenantId: project.organisationId,
      before: withProject(before),
      after: withProject(after),
    });
  }
}
