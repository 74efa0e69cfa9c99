import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { DomainEvents, newId, Transactions } from '@usher/database';
import { orderBy, type Page, Pages, problem } from '@usher/http';
import { type EntityManager, In, Repository } from 'typeorm';
import { Authority } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { type Permission, PLATFORM_ROLE_PERMISSIONS } from '../access/permissions.js';
import type { CreateProjectDto, ProjectListQuery, UpdateProjectDto } from './project.dto.js';
import { Project } from './project.entity.js';
import { ProjectDeleted } from './project.events.js';

const NEWEST_FIRST = orderBy<Project>('project', '-createdAt', 'id');

type LockMode = 'for_no_key_update' | 'pessimistic_write';

/** What an organisation lets people into. */
@Injectable()
export class ProjectsService {
  constructor(
    @InjectRepository(Project) private readonly projects: Repository<Project>,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly pages: Pages,
  ) {}

  /** The projects of an organisation that the caller can read. */
  list(caller: Caller, organisationId: string, query: ProjectListQuery): Promise<Page<Project>> {
    const projects = this.projects
      .createQueryBuilder('project')
      .where('project.organisationId = :organisationId', { organisationId });
    if (query.kind) projects.andWhere('project.kind = :kind', { kind: query.kind });
    if (!PLATFORM_ROLE_PERMISSIONS[caller.platformRole].includes('project:read')) {
      projects.andWhere(`(${READS_ALL} OR ${READS_THIS})`, { callerId: caller.id });
    }
    return this.pages.read(projects, NEWEST_FIRST, query);
  }

  async get(id: string): Promise<Project> {
    const project = await this.projects.findOneBy({ id });
    if (!project) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return project;
  }

  /** Those of the ids that are projects of the organisation. */
  among(organisationId: string, ids: string[]): Promise<Project[]> {
    return this.projects.findBy({ organisationId, id: In(ids) });
  }

  async create(caller: Caller, organisationId: string, project: CreateProjectDto): Promise<Project> {
    const { name, kind = 'project', externalId = null, metadata = {} } = project;
    const id = newId();
    await this.transactions.run(async (tx) => {
      await this.authority.require(tx, caller, 'projects:create', { organisationId, projectId: null });
      await tx.insert(Project, { id, organisationId, name, kind, externalId, metadata });
      await this.record(tx, 'project.created', { id, organisationId }, { after: { name, kind, externalId } });
    });
    return this.get(id);
  }

  async update(caller: Caller, id: string, changes: UpdateProjectDto): Promise<Project> {
    await this.transactions.run(async (tx) => {
      const project = await this.lock(tx, id);
      await this.require(tx, caller, 'project:update', project);
      await tx.update(Project, { id }, { ...changes, updatedAt: () => 'now()' });
      const { name, externalId } = project;
      // Metadata is the client's own, and may speak of people: that it changed is enough.
      const { metadata: _metadata, ...named } = changes;
      await this.record(tx, 'project.updated', project, {
        before: { name, externalId },
        after: { name, externalId, ...named, changed: Object.keys(changes) },
      });
    });
    return this.get(id);
  }

  /** Its memberships go with it; open invitations to it are withdrawn. */
  async delete(caller: Caller, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const project = await this.lock(tx, id, 'pessimistic_write');
      await this.require(tx, caller, 'project:delete', project);
      await this.events.publish(tx, new ProjectDeleted(project.organisationId, id));
      await tx.delete(Project, { id });
      await this.record(tx, 'project.deleted', project, { before: { name: project.name, kind: project.kind } });
    });
  }

  /** To delete, nobody may be writing what refers to it (`pessimistic_write`). Whoever changes a project's members takes this lock first. */
  async lock(tx: EntityManager, id: string, mode: LockMode = 'for_no_key_update'): Promise<Project> {
    const project = await tx.findOne(Project, { where: { id }, lock: { mode } });
    if (!project) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return project;
  }

  private async require(tx: EntityManager, caller: Caller, permission: Permission, project: Project): Promise<void> {
    await this.authority.require(tx, caller, permission, {
      organisationId: project.organisationId,
      projectId: project.id,
    });
  }

  private record(
    tx: EntityManager,
    action: string,
    project: { id: string; organisationId: string },
    change: object,
  ): Promise<void> {
    return this.audit.record(tx, {
      action,
      subject: { type: 'project', id: project.id },
      tenantId: project.organisationId,
      ...change,
    });
  }
}

/** A role in the organisation that holds either permission reads every project of it. */
const READS_ALL = `EXISTS (
  SELECT 1 FROM roles r WHERE r.permissions && ARRAY['projects:read', 'project:read'] AND r.id IN (
    SELECT m.role_id FROM memberships m WHERE m.organisation_id = project.organisationId AND m.user_id = :callerId
    UNION ALL
    SELECT k.role_id FROM api_keys k WHERE k.organisation_id = project.organisationId AND k.id = :callerId))`;
const READS_THIS = `EXISTS (
  SELECT 1 FROM project_memberships pm JOIN roles r ON r.id = pm.role_id
  WHERE pm.organisation_id = project.organisationId AND pm.project_id = project.id AND pm.user_id = :callerId
    AND 'project:read' = ANY (r.permissions))`;
