import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { sql, type Statement } from '@usher/database';
import { type Json, orderBy, type Page, type PageQuery, Pages } from '@usher/http';
import { type EntityManager, Repository } from 'typeorm';
import { Membership } from '../organisations/membership.entity.js';
import type { User } from '../users/user.entity.js';
import type { MembershipPageDto } from './membership.dto.js';
import { membershipsOf } from './my-memberships.sql.js';
import { ProjectMembership } from './project-membership.entity.js';

const LONGEST_FIRST = orderBy<ProjectMembership>('projectMembership', 'joinedAt', 'userId');

/** Indexes begin with the organisation: say it where it is known. */
type Key = Pick<ProjectMembership, 'projectId' | 'userId'> & { organisationId?: string };

/** Memberships in projects, as rows. */
@Injectable()
export class ProjectMembershipRepository {
  constructor(
    @InjectRepository(ProjectMembership) private readonly memberships: Repository<ProjectMembership>,
    private readonly pages: Pages,
  ) {}

  /** With person and role. */
  page(organisationId: string, projectId: string, query: PageQuery): Promise<Page<ProjectMembership>> {
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

  /** The memberships of a person in organisations, with their projects there. */
  pageOf(userId: string, query: PageQuery): Promise<Json<MembershipPageDto>> {
    const list = membershipsOf(['m.user_id = ?', userId]);
    return this.pages.select(this.memberships.manager, list, query);
  }

  /** The same of one organisation, each as JSON. */
  inOrganisation(userId: string, organisationId: string): Statement<{ shown: string }> {
    return sql(IN_ORGANISATION, [userId, organisationId]);
  }

  /** With person and role. */
  find(key: Key): Promise<ProjectMembership | null> {
    return this.memberships.findOne({ where: key, relations: { user: true, role: true } });
  }

  get(key: Key): Promise<ProjectMembership> {
    return this.memberships.findOneOrFail({ where: key, relations: { user: true, role: true } });
  }

  exists(tx: EntityManager, key: Key): Promise<boolean> {
    return tx.existsBy(ProjectMembership, key);
  }

  /** The person, if they are a member of the organisation: nobody else can be in its projects. */
  async candidate(tx: EntityManager, organisationId: string, userId: string): Promise<User | null> {
    const membership = await tx.findOne(Membership, { where: { organisationId, userId }, relations: { user: true } });
    return membership?.user ?? null;
  }

  /** With the role. */
  async lock(tx: EntityManager, key: Key): Promise<ProjectMembership | null> {
    await tx.findOne(ProjectMembership, { where: key, lock: { mode: 'for_no_key_update' } });
    return tx.findOne(ProjectMembership, { where: key, relations: { role: true } });
  }

  /** Fails with a violation of `project_memberships_pkey` when the person is in the project. */
  async insert(tx: EntityManager, membership: Key & { organisationId: string; roleId: string }) {
    await tx.insert(ProjectMembership, membership);
  }

  async changeRole(tx: EntityManager, key: Key, roleId: string): Promise<void> {
    await tx.update(ProjectMembership, key, { roleId });
  }

  async delete(tx: EntityManager, key: Key): Promise<void> {
    await tx.delete(ProjectMembership, key);
  }
}

const { shown, joins } = membershipsOf();
const IN_ORGANISATION = `SELECT ${shown} AS shown FROM memberships m ${joins} WHERE m.user_id = $1 AND m.organisation_id = $2`;
