import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { DomainEvents, newId, Transactions } from '@usher/database';
import { type Page, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { Authority, type Holdings } from '../access/authority.js';
import type { Caller } from '../access/caller.js';
import { type Permission, PLATFORM_ROLE_PERMISSIONS } from '../access/permissions.js';
import { MembershipRepository } from '../organisations/membership.repository.js';
import type { CreateProjectDto, ProjectListQuery, UpdateProjectDto } from './project.dto.js';
import type { Project } from './project.entity.js';
import { ProjectDeleted } from './project.events.js';
import { type LockMode, ProjectRepository } from './project.repository.js';

/** A project that is locked, and what the caller holds there. */
export interface Entrance {
  project: Project;
  holdings: Holdings;
}

/** What an organisation lets people into. */
@Injectable()
export class ProjectsService {
  constructor(
    private readonly projects: ProjectRepository,
    private readonly memberships: MembershipRepository,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
  ) {}

  /** The projects of an organisation that the caller can read. */
  list(caller: Caller, organisationId: string, query: ProjectListQuery): Promise<Page<Project>> {
    const readsAll = PLATFORM_ROLE_PERMISSIONS[caller.platformRole].includes('project:read');
    return this.projects.page(organisationId, readsAll ? null : caller.id, query);
  }

  async get(id: string): Promise<Project> {
    const project = await this.projects.find(id);
    if (!project) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return project;
  }

  /** Those of the ids that are projects of the organisation. */
  among(organisationId: string, ids: string[]): Promise<Project[]> {
    return this.projects.among(organisationId, ids);
  }

  async create(caller: Caller, organisationId: string, project: CreateProjectDto): Promise<Project> {
    const { name, kind = 'project', externalId = null, metadata = {} } = project;
    const id = newId();
    await this.transactions.run(async (tx) => {
      await this.authority.require(tx, caller, 'projects:create', { organisationId, projectId: null });
      await this.projects.insert(tx, { id, organisationId, name, kind, externalId, metadata });
      await this.record(tx, 'project.created', { id, organisationId }, { after: { name, kind, externalId } });
    });
    return this.get(id);
  }

  async update(caller: Caller, id: string, changes: UpdateProjectDto): Promise<Project> {
    await this.transactions.run(async (tx) => {
      const { project } = await this.enter(tx, caller, id, 'project:update');
      await this.projects.update(tx, id, changes);
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
      const project = await this.lockWithMember(tx, id, caller.id, 'pessimistic_write');
      await this.require(tx, caller, 'project:delete', project);
      await this.events.publish(tx, new ProjectDeleted(project.organisationId, id));
      await this.projects.delete(tx, id);
      await this.record(tx, 'project.deleted', project, { before: { name: project.name, kind: project.kind } });
    });
  }

  /** To delete, nobody may be writing what refers to it (`pessimistic_write`). Whoever changes a project's members takes this lock first. */
  async lock(tx: EntityManager, id: string, mode: LockMode = 'for_no_key_update'): Promise<Project> {
    const project = await this.projects.lock(tx, id, mode);
    if (!project) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return project;
  }

  /**
   * The membership stands for all that somebody holds in projects: two changes of one person's, in different projects,
   * come one after the other. Before the caller's standing is locked shared, which may be the same person's.
   */
  async lockWithMember(tx: EntityManager, id: string, userId: string, mode?: LockMode): Promise<Project> {
    const project = await this.lock(tx, id, mode);
    await this.memberships.lockRow(tx, { organisationId: project.organisationId, userId });
    return project;
  }

  /** As in organisations: the lock comes before anything is read. Null: whatever the caller holds. */
  async enter(tx: EntityManager, caller: Caller, id: string, permission: Permission | null): Promise<Entrance> {
    const project = await this.lock(tx, id);
    const holdings = permission
      ? await this.require(tx, caller, permission, project)
      : await this.authority.ofCaller(tx, caller, project.organisationId);
    return { project, holdings };
  }

  private require(tx: EntityManager, caller: Caller, permission: Permission, project: Project): Promise<Holdings> {
    const { organisationId, id: projectId } = project;
    return this.authority.require(tx, caller, permission, { organisationId, projectId });
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
