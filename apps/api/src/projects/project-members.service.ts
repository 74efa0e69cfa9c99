import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { DomainEvents, Transactions, violates } from '@usher/database';
import { orderBy, type Page, PageQuery, Pages, problem } from '@usher/http';
import { mailsFromTo, Outbox, SendingCounters } from '@usher/mailer';
import { type EntityManager, Repository } from 'typeorm';
import { Authority, type Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { covers } from '../access/permissions.js';
import { Membership } from '../organisations/membership.entity.js';
import { MemberRightsReduced } from '../organisations/organisation.events.js';
import type { Role } from '../organisations/role.entity.js';
import { RolesService } from '../organisations/roles.service.js';
import { languageFor } from '../languages/languages.js';
import { letterheadOf } from '../organisations/letterhead.js';
import { PlatformService } from '../platform/platform.service.js';
import { displayName, User } from '../users/user.entity.js';
import { addedToProjectMail } from './added-to-project.mail.js';
import type { AddProjectMemberDto } from './project.dto.js';
import type { Project } from './project.entity.js';
import { ProjectMembership } from './project-membership.entity.js';
import { ProjectsService } from './projects.service.js';

const LONGEST_FIRST = orderBy<ProjectMembership>('projectMembership', 'joinedAt', 'userId');

/** Who is in a project, and as what. */
@Injectable()
export class ProjectMembersService {
  constructor(
    @InjectRepository(ProjectMembership) private readonly memberships: Repository<ProjectMembership>,
    private readonly projects: ProjectsService,
    private readonly roles: RolesService,
    private readonly platform: PlatformService,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly counters: SendingCounters,
    private readonly pages: Pages,
  ) {}

  list(organisationId: string, projectId: string, query: PageQuery): Promise<Page<ProjectMembership>> {
    const members = this.memberships
      .createQueryBuilder('projectMembership')
      .innerJoinAndSelect('projectMembership.user', 'user')
      .innerJoinAndSelect('projectMembership.role', 'role')
      .where('projectMembership.organisationId = :organisationId AND projectMembership.projectId = :projectId', {
        organisationId,
        projectId,
      });
    return this.pages.read(members, LONGEST_FIRST, query);
  }

  /** Only members of the organisation; they get a mail that says so. Others are invited. */
  async add(
    caller: Caller,
    projectId: string,
    { userId, role: roleName }: AddProjectMemberDto,
  ): Promise<ProjectMembership> {
    try {
      await this.transactions.run(async (tx) => {
        const { project, holdings } = await this.enter(tx, caller, projectId);
        const role = await this.findRole(tx, project, roleName);
        const user = await this.findMember(tx, project, userId);
        this.refuseAboveCeiling(holdings, projectId, role.permissions);
        await tx.insert(ProjectMembership, {
          organisationId: project.organisationId,
          projectId,
          userId,
          roleId: role.id,
        });
        await this.record(tx, 'project_member.added', project, userId, { after: { role: role.key } });
        await this.tell(tx, caller, project, { user, role });
      });
    } catch (error) {
      if (violates(error, 'project_memberships_pkey')) {
        throw problem(409, 'already_member', 'This person is in the project already. Change their role instead.');
      }
      throw error;
    }
    return this.get(projectId, userId);
  }

  async changeRole(caller: Caller, projectId: string, userId: string, roleName: string): Promise<ProjectMembership> {
    await this.transactions.run(async (tx) => {
      await this.projects.lockWithMember(tx, projectId, userId);
      const { project, holdings } = await this.enter(tx, caller, projectId);
      const membership = await this.findMembership(tx, projectId, userId);
      const role = await this.findRole(tx, project, roleName);
      if (userId === caller.id) throw problem(403, 'own_role', 'Nobody changes their own role. Ask another admin.');
      this.refuseAboveCeiling(holdings, projectId, membership.role.permissions, role.permissions);
      await tx.update(
        ProjectMembership,
        { organisationId: project.organisationId, projectId, userId },
        { roleId: role.id },
      );
      const change = { before: { role: membership.role.key }, after: { role: role.key } };
      await this.record(tx, 'project_member.role_changed', project, userId, change);
      const hasLost = !covers(new Set(role.permissions), membership.role.permissions);
      if (hasLost) await this.events.publish(tx, new MemberRightsReduced(project.organisationId, userId, projectId));
    });
    return this.get(projectId, userId);
  }

  /** Anyone may leave a project; removing others needs `project-members:manage` and everything that they hold. */
  async remove(caller: Caller, projectId: string, userId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.projects.lockWithMember(tx, projectId, userId);
      const { project, holdings } = await this.enter(tx, caller, projectId, userId);
      if (userId === caller.id) await this.refuseOutsider(tx, holdings, { projectId, userId });
      const membership = await this.findMembership(tx, projectId, userId);
      if (userId !== caller.id) this.refuseAboveCeiling(holdings, projectId, membership.role.permissions);
      await tx.delete(ProjectMembership, { organisationId: project.organisationId, projectId, userId });
      const action = userId === caller.id ? 'project_member.left' : 'project_member.removed';
      await this.record(tx, action, project, userId, { before: { role: membership.role.key } });
      await this.events.publish(tx, new MemberRightsReduced(project.organisationId, userId, projectId));
    });
  }

  private async get(projectId: string, userId: string): Promise<ProjectMembership> {
    return this.memberships.findOneOrFail({ where: { projectId, userId }, relations: { user: true, role: true } });
  }

  /** As in organisations: the lock comes before anything is read. */
  private async enter(tx: EntityManager, caller: Caller, projectId: string, leaverId?: string): Promise<Entrance> {
    const project = await this.projects.lock(tx, projectId);
    const { organisationId } = project;
    if (leaverId === caller.id) return { project, holdings: await this.authority.ofCaller(tx, caller, organisationId) };
    const place = { organisationId, projectId };
    return { project, holdings: await this.authority.require(tx, caller, 'project-members:manage', place) };
  }

  /** Who is not in the project, and does not see to its members, learns nothing of them by naming themselves. */
  private async refuseOutsider(
    tx: EntityManager,
    holdings: Holdings,
    own: { projectId: string; userId: string },
  ): Promise<void> {
    if (holdings.has('project-members:manage', own.projectId) || (await tx.existsBy(ProjectMembership, own))) return;
    throw problem(403, 'forbidden', 'You are not in this project.');
  }

  private async findRole(tx: EntityManager, project: Project, name: string): Promise<Role> {
    const [role] = await this.roles.find(tx, project.organisationId, [
      { scope: 'PROJECT', projectKind: project.kind, name },
    ]);
    return role;
  }

  private async findMember(tx: EntityManager, { organisationId }: Project, userId: string): Promise<User> {
    const membership = await tx.findOne(Membership, { where: { organisationId, userId }, relations: { user: true } });
    if (membership) return membership.user;
    throw problem(404, 'not_found', 'The organisation has no member with this userId. Invite them instead.');
  }

  private async findMembership(tx: EntityManager, projectId: string, userId: string): Promise<ProjectMembership> {
    await tx.findOne(ProjectMembership, { where: { projectId, userId }, lock: { mode: 'for_no_key_update' } });
    const membership = await tx.findOne(ProjectMembership, { where: { projectId, userId }, relations: { role: true } });
    if (!membership) throw problem(404, 'not_found', 'There is no member with this id in the project.');
    return membership;
  }

  private refuseAboveCeiling(holdings: Holdings, projectId: string, ...permissionSets: string[][]): void {
    if (holdings.cover(permissionSets.map((permissions) => ({ projectId, permissions })))) return;
    throw problem(403, 'above_ceiling', 'This role holds more than you do. Ask somebody who holds as much.');
  }

  private async tell(
    tx: EntityManager,
    caller: Caller,
    project: Project,
    added: { user: User; role: Role },
  ): Promise<void> {
    if (!this.outbox.isOpen || added.user.id === caller.id) return;
    const platform = await this.platform.settings(tx);
    const limit = platform.limits.mailsPerRecipientPerDay;
    if (!(await this.mayMail(tx, project, added.user, limit))) return;
    const adder = caller.type === 'user' ? await tx.findOneByOrFail(User, { id: caller.id }) : null;
    const by = adder && displayName(adder);
    const letterhead = await letterheadOf(tx, platform, project.organisationId);
    const facts = { project: project.name, role: added.role.name, by };
    const content = addedToProjectMail(languageFor(letterhead.locale), letterhead, facts);
    const to = { address: added.user.email, name: null };
    await this.outbox.enqueue(tx, {
      tenantId: project.organisationId,
      subjectId: project.id,
      to,
      content,
      recipientLimit: limit,
    });
  }

  /** News that come after too many of this organisation's mails to the person are not sent: they are no reason to refuse. */
  private async mayMail(tx: EntityManager, project: Project, { email }: User, limit: number | null): Promise<boolean> {
    return limit === null || this.counters.takeExactly(tx, mailsFromTo(project.organisationId, email), limit);
  }

  private record(
    tx: EntityManager,
    action: string,
    project: Project,
    userId: string,
    change: { before?: object; after?: object },
  ) {
    const withProject = (fields?: object) => (fields ? { projectId: project.id, ...fields } : undefined);
    const subject = { type: 'user', id: userId };
    const { before, after } = change;
    return this.audit.record(tx, {
      action,
      subject,
      tenantId: project.organisationId,
      before: withProject(before),
      after: withProject(after),
    });
  }
}

interface Entrance {
  project: Project;
  holdings: Holdings;
}
