import { HttpException, Injectable } from '@nestjs/common';
import { insertRows } from '@usher/database';
import { Any, type EntityManager } from 'typeorm';
import { RolesService } from '../organisations/roles.service.js';
import { Project } from '../projects/project.entity.js';
import {
  type GrantNames,
  type Grants,
  grantRowsOf,
  grantsNamed,
  type InvitationPlace,
  projectsNamed,
  rolesIn,
  rolesNamed,
} from './grants.js';
import { InvitationGrant } from './invitation-grant.entity.js';
import type { Invitation } from './invitation.entity.js';

/** Turns names into roles and projects, and stored grants back into them. */
@Injectable()
export class GrantsReader {
  constructor(private readonly roles: RolesService) {}

  /** 404 for a role or project that the organisation does not have. */
  async resolve(tx: EntityManager, place: InvitationPlace, names: GrantNames): Promise<Grants> {
    const [grants] = await this.resolveEach(tx, place, [names]);
    if (grants instanceof HttpException) throw grants;
    return grants;
  }

  /** The same for many in a few queries, with the refusal in the place of what cannot be given. */
  async resolveEach(
    tx: EntityManager,
    place: InvitationPlace,
    requests: GrantNames[],
  ): Promise<(Grants | HttpException)[]> {
    const { organisationId } = place;
    if (!organisationId)
      return requests.map(({ platformRole = 'MEMBER' }) => ({ platformRole, role: null, projects: [] }));
    const projects = await this.projects(
      tx,
      organisationId,
      requests.flatMap((names) => projectsNamed(place, names)),
    );
    const roles = await this.roles.named(
      tx,
      organisationId,
      requests.flatMap((names) => rolesNamed(place, names, projects)),
    );
    return requests.map((names) => grantsNamed(place, names, projects, roles));
  }

  /** Whether none of the roles was deleted meanwhile; until the transaction ends, none is. */
  async keepRoles(tx: EntityManager, grants: Grants): Promise<boolean> {
    const roles = rolesIn(grants);
    const kept = await this.roles.keep(tx, roles);
    return roles.every(({ id }) => kept.some((role) => role.id === id));
  }

  async of(tx: EntityManager, invitation: Invitation): Promise<Grants> {
    const [grants] = await this.ofAll(tx, [invitation]);
    return grants;
  }

  /** In the order of the invitations; two queries, however many they are. */
  async ofAll(tx: EntityManager, invitations: Invitation[]): Promise<Grants[]> {
    if (invitations.length === 0) return [];
    const roles = await this.roles.byIds(
      tx,
      invitations.flatMap(({ roleId }) => roleId ?? []),
    );
    const where = { invitationId: Any(invitations.map(({ id }) => id)) };
    const grants = await tx.find(InvitationGrant, { where, relations: { project: true, role: true } });
    const byInvitation = new Map<string, InvitationGrant[]>();
    for (const grant of grants)
      byInvitation.set(grant.invitationId, [...(byInvitation.get(grant.invitationId) ?? []), grant]);
    return invitations.map(({ id, platformRole, roleId }) => ({
      platformRole,
      role: roles.find((role) => role.id === roleId) ?? null,
      projects: (byInvitation.get(id) ?? []).map(({ project, role }) => ({ project, role })),
    }));
  }

  /** Replaces the project grants of an invitation. */
  save(tx: EntityManager, invitationId: string, organisationId: string | null, grants: Grants): Promise<void> {
    return this.saveAll(tx, organisationId, [{ invitationId, grants }]);
  }

  /** The same for many. */
  async saveAll(
    tx: EntityManager,
    organisationId: string | null,
    granted: { invitationId: string; grants: Grants }[],
  ): Promise<void> {
    await tx.delete(InvitationGrant, { invitationId: Any(granted.map(({ invitationId }) => invitationId)) });
    if (!organisationId) return;
    const rows = granted.flatMap(({ invitationId, grants }) => grantRowsOf(organisationId, invitationId, grants));
    await insertRows(tx, InvitationGrant, rows);
  }

  /** By their ids; those that the organisation does not have are missing. */
  private async projects(
    tx: EntityManager,
    organisationId: string,
    wanted: { projectId: string }[],
  ): Promise<Map<string, Project>> {
    if (wanted.length === 0) return new Map();
    const ids = [...new Set(wanted.map((grant) => grant.projectId))];
    const found = await tx.findBy(Project, { organisationId, id: Any(ids) });
    return new Map(found.map((project) => [project.id, project]));
  }
}
