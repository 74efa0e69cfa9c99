import { Injectable } from '@nestjs/common';
import { orderBy, PageQuery, Pages } from '@usher/http';
import { DataSource, In } from 'typeorm';
import { Membership } from '../organisations/membership.entity.js';
import { OrganisationReferenceDto } from '../organisations/organisation.dto.js';
import { RoleReferenceDto } from '../organisations/role.dto.js';
import type { MembershipDto, MembershipPageDto } from './membership.dto.js';
import { ProjectMembership } from './project-membership.entity.js';

const LONGEST_FIRST = orderBy<Membership>('membership', 'joinedAt', 'organisationId');

/** Where somebody is a member, with their projects there. */
@Injectable()
export class MyMembershipsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  async list(userId: string, query: PageQuery): Promise<MembershipPageDto> {
    const memberships = this.dataSource
      .createQueryBuilder(Membership, 'membership')
      .innerJoinAndSelect('membership.organisation', 'organisation')
      .innerJoinAndSelect('membership.role', 'role')
      .where('membership.userId = :userId', { userId });
    const page = await this.pages.read(memberships, LONGEST_FIRST, query);
    return { ...page, data: await this.withProjects(userId, page.data) };
  }

  /** The membership in one organisation; empty when there is none. */
  async inOrganisation(userId: string, organisationId: string): Promise<MembershipDto[]> {
    const relations = { organisation: true, role: true };
    const memberships = await this.dataSource.manager.find(Membership, {
      where: { userId, organisationId },
      relations,
    });
    return this.withProjects(userId, memberships);
  }

  /** Of somebody who is an active member of one alone; null when it is none or several. */
  async onlyOrganisation(userId: string): Promise<string | null> {
    const active = await this.dataSource.manager.find(Membership, {
      where: { userId, status: 'ACTIVE' },
      select: { organisationId: true, userId: true },
      take: 2,
    });
    return active.length === 1 ? active[0].organisationId : null;
  }

  /** One query for the projects of all organisations on the page. */
  private async withProjects(userId: string, memberships: Membership[]): Promise<MembershipDto[]> {
    const organisationIds = memberships.map((membership) => membership.organisationId);
    const projects = await this.dataSource.manager.find(ProjectMembership, {
      where: { userId, organisationId: In(organisationIds) },
      relations: { project: true, role: true },
      order: { joinedAt: 'ASC', projectId: 'ASC' },
    });
    return memberships.map(({ organisation, role, status, joinedAt, organisationId }) => ({
      organisation: OrganisationReferenceDto.from(organisation),
      role: RoleReferenceDto.from(role),
      status,
      joinedAt,
      projects: projects
        .filter((project) => project.organisationId === organisationId)
        .map((project) => ({
          projectId: project.projectId,
          name: project.project.name,
          role: RoleReferenceDto.from(project.role),
        })),
    }));
  }
}
