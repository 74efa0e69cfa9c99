import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { orderBy, type Page, Pages } from '@usher/http';
import { type EntityManager, In, Repository } from 'typeorm';
import type { ProjectListQuery } from './project.dto.js';
import { Project } from './project.entity.js';

const NEWEST_FIRST = orderBy<Project>('project', '-createdAt', 'id');

export type LockMode = 'for_no_key_update' | 'pessimistic_write';

/** Projects, as rows. */
@Injectable()
export class ProjectRepository {
  constructor(
    @InjectRepository(Project) private readonly projects: Repository<Project>,
    private readonly pages: Pages,
  ) {}

  /** Those of an organisation that the reader, a person or a key, can read by their roles; null: all. */
  page(organisationId: string, readerId: string | null, query: ProjectListQuery): Promise<Page<Project>> {
    const projects = this.projects
      .createQueryBuilder('project')
      .where('project.organisationId = :organisationId', { organisationId });
    if (query.kind) projects.andWhere('project.kind = :kind', { kind: query.kind });
    if (readerId) projects.andWhere(`(${READS_ALL} OR ${READS_THIS})`, { readerId });
    return this.pages.read(projects, NEWEST_FIRST, query);
  }

  find(id: string): Promise<Project | null> {
    return this.projects.findOneBy({ id });
  }

  /** Those of the ids that are projects of the organisation. */
  among(organisationId: string, ids: string[]): Promise<Project[]> {
    return this.projects.findBy({ organisationId, id: In(ids) });
  }

  lock(tx: EntityManager, id: string, mode: LockMode): Promise<Project | null> {
    return tx.findOne(Project, { where: { id }, lock: { mode } });
  }

  async insert(tx: EntityManager, project: Omit<Project, 'createdAt' | 'updatedAt' | 'organisation'>): Promise<void> {
    await tx.insert(Project, project);
  }

  async update(tx: EntityManager, id: string, changes: Partial<Project>): Promise<void> {
    await tx.update(Project, { id }, { ...changes, updatedAt: () => 'now()' });
  }

  async delete(tx: EntityManager, id: string): Promise<void> {
    await tx.delete(Project, { id });
  }
}

/** A role in the organisation that holds either permission reads every project of it. */
const READS_ALL = `EXISTS (
  SELECT 1 FROM roles r WHERE r.permissions && ARRAY['projects:read', 'project:read'] AND r.id IN (
    SELECT m.role_id FROM memberships m WHERE m.organisation_id = project.organisationId AND m.user_id = :readerId
    UNION ALL
    SELECT k.role_id FROM api_keys k WHERE k.organisation_id = project.organisationId AND k.id = :readerId))`;
const READS_THIS = `EXISTS (
  SELECT 1 FROM project_memberships pm JOIN roles r ON r.id = pm.role_id
  WHERE pm.organisation_id = project.organisationId AND pm.project_id = project.id AND pm.user_id = :readerId
    AND 'project:read' = ANY (r.permissions))`;
