import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import type { EntityManager } from 'typeorm';
import { covers, MEMBER_ROLE, PLATFORM_ROLE_PERMISSIONS } from '../access/permissions.js';
import { Membership } from '../organisations/membership.entity.js';
import type { Role } from '../organisations/role.entity.js';
import { ProjectMembership } from '../projects/project-membership.entity.js';
import { User } from '../users/user.entity.js';
import type { Grants } from './grants.js';
import { memberEvent } from './invitation-audit.js';
import type { Invitation } from './invitation.entity.js';
import { closed } from './invitee.service.js';

/** Gives what an invitation grants. A present role is replaced only by one that holds all of it and more. */
@Injectable()
export class GrantGiver {
  constructor(private readonly audit: Audit) {}

  /** Memberships are locked before invitations, as by those who change members. */
  async lockPresent(tx: EntityManager, userId: string, { organisationId }: Invitation): Promise<void> {
    if (!organisationId) return;
    await tx.findOne(Membership, { where: { organisationId, userId }, lock: { mode: 'for_no_key_update' } });
  }

  async give(tx: EntityManager, userId: string, { organisationId }: Invitation, grants: Grants): Promise<void> {
    if (!organisationId) return this.givePlatformRole(tx, userId, grants);
    await this.giveMembership(tx, { organisationId, userId }, grants);
    for (const { project, role } of grants.projects) {
      await this.giveProject(tx, { organisationId, projectId: project.id, userId }, role);
    }
  }

  private async givePlatformRole(tx: EntityManager, userId: string, { platformRole }: Grants): Promise<void> {
    const user = await tx.findOneOrFail(User, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
    if (!platformRole || !isMore(PLATFORM_ROLE_PERMISSIONS[platformRole], PLATFORM_ROLE_PERMISSIONS[user.platformRole]))
      return;
    await tx.update(User, { id: userId }, { platformRole, updatedAt: () => 'now()' });
    const change = { before: { platformRole: user.platformRole }, after: { platformRole } };
    const by = { type: 'user', id: userId } as const;
    await this.audit.record(tx, { action: 'user.updated', subject: by, actor: by, ...change });
  }

  private async giveMembership(
    tx: EntityManager,
    key: { organisationId: string; userId: string },
    { role }: Grants,
  ): Promise<void> {
    const granted = role ?? MEMBER_ROLE;
    const inserted = await insertUnlessThere(tx, Membership, { ...key, roleId: granted.id });
    if (inserted) return this.record(tx, 'member.joined', key, { after: { role: granted.key } });
    await tx.findOneOrFail(Membership, { where: key, lock: { mode: 'for_no_key_update' } });
    const present = await tx.findOneOrFail(Membership, { where: key, relations: { role: true } });
    if (present.status !== 'ACTIVE') throw closed();
    // An invitation to a project says nothing of the organisation: who is a member of it stays what they are.
    if (!role || !isMore(granted.permissions, present.role.permissions)) return;
    await tx.update(Membership, key, { roleId: granted.id });
    await this.record(tx, 'member.role_changed', key, {
      before: { role: present.role.key },
      after: { role: granted.key },
    });
  }

  private async giveProject(tx: EntityManager, key: ProjectKey, role: Role): Promise<void> {
    const { projectId } = key;
    const inserted = await insertUnlessThere(tx, ProjectMembership, { ...key, roleId: role.id });
    if (inserted) return this.record(tx, 'project_member.joined', key, { after: { projectId, role: role.key } });
    await tx.findOneOrFail(ProjectMembership, { where: key, lock: { mode: 'for_no_key_update' } });
    const present = await tx.findOneOrFail(ProjectMembership, { where: key, relations: { role: true } });
    if (!isMore(role.permissions, present.role.permissions)) return;
    await tx.update(ProjectMembership, key, { roleId: role.id });
    const change = { before: { projectId, role: present.role.key }, after: { projectId, role: role.key } };
    await this.record(tx, 'project_member.role_changed', key, change);
  }

  private record(
    tx: EntityManager,
    action: string,
    key: { organisationId: string; userId: string },
    change: { before?: object; after?: object },
  ): Promise<void> {
    return this.audit.record(tx, memberEvent(action, key, change));
  }
}

interface ProjectKey {
  organisationId: string;
  projectId: string;
  userId: string;
}

const isMore = (granted: readonly string[], present: readonly string[]): boolean =>
  covers(new Set(granted), present) && !covers(new Set(present), granted);

/** False when the row is there already, even if somebody else is just writing it. */
async function insertUnlessThere<Row extends object>(
  tx: EntityManager,
  entity: new () => Row,
  row: object,
): Promise<boolean> {
  const result = await tx
    .createQueryBuilder()
    .insert()
    .into(entity)
    .values(row)
    .orIgnore()
    .returning('role_id')
    .execute();
  return (result.raw as unknown[]).length > 0; // as: the rows of RETURNING
}
