import { Injectable } from '@nestjs/common';
import type { AuditEntry } from '@usher/audit';
import { insertion, sql, type Statement } from '@usher/database';
import { DataSource } from 'typeorm';
import { covers, MEMBER_ROLE, PLATFORM_ROLE_PERMISSIONS } from '../../access/permissions.js';
import { Membership } from '../../organisations/membership.entity.js';
import { ProjectMembership } from '../../projects/project-membership.entity.js';
import { memberEvent } from '../invitation-audit.js';
import type { AcceptContext } from './accept-context.js';

/** Writes, and what the audit says of them. */
export interface Given {
  statements: Statement[];
  events: AuditEntry[];
}

const NOTHING: Given = { statements: [], events: [] };

/** What an acceptance gives. A present role is replaced only by one that holds all of it and more. */
@Injectable()
export class GivenGrants {
  constructor(private readonly dataSource: DataSource) {}

  to(userId: string, context: AcceptContext): Given {
    const { organisationId } = context.invitation;
    if (!organisationId) return platformRole(userId, context);
    const key = { organisationId, userId };
    const given = [this.membership(key, context), ...this.projects(key, context)];
    return {
      statements: given.flatMap(({ statements }) => statements),
      events: given.flatMap(({ events }) => events),
    };
  }

  private membership(key: Member, { membership, grants: { role } }: AcceptContext): Given {
    const { id: roleId, key: name, permissions } = role ?? MEMBER_ROLE;
    if (!membership) {
      return {
        statements: [insertion(this.dataSource, Membership, [{ ...key, roleId }])],
        events: [memberEvent('member.joined', key, { after: { role: name } })],
      };
    }
    // An invitation to a project says nothing of the organisation: a member's role there stays what it is.
    if (!role || !isMore(permissions, membership.role.permissions)) return NOTHING;
    const change = { before: { role: membership.role.key }, after: { role: name } };
    return {
      statements: [sql(CHANGE_ROLE, [key.organisationId, key.userId, roleId])],
      events: [memberEvent('member.role_changed', key, change)],
    };
  }

  private projects(key: Member, { membership, grants }: AcceptContext): Given[] {
    const roles = grants.projects.map(({ project, role }) => ({
      projectId: project.id,
      role,
      present: membership?.projects[project.id],
    }));
    const joined = roles.filter(({ present }) => !present);
    const raised = roles.filter(({ role, present }) => present && isMore(role.permissions, present.permissions));
    const rows = joined.map(({ projectId, role }) => ({ ...key, projectId, roleId: role.id }));
    return [
      {
        statements: rows.length > 0 ? [insertion(this.dataSource, ProjectMembership, rows)] : [],
        events: joined.map(({ projectId, role }) =>
          memberEvent('project_member.joined', key, { after: { projectId, role: role.key } }),
        ),
      },
      ...raised.map(({ projectId, role, present }) => ({
        statements: [sql(CHANGE_PROJECT_ROLE, [key.organisationId, projectId, key.userId, role.id])],
        events: [
          memberEvent('project_member.role_changed', key, {
            before: { projectId, role: present?.key },
            after: { projectId, role: role.key },
          }),
        ],
      })),
    ];
  }
}

interface Member {
  organisationId: string;
  userId: string;
}

/** An account that is made now begins with it. */
function platformRole(userId: string, { caller, grants, platformRole: present }: AcceptContext): Given {
  const granted = grants.platformRole;
  const before = present ?? 'MEMBER';
  if (!caller || !granted || !isMore(PLATFORM_ROLE_PERMISSIONS[granted], PLATFORM_ROLE_PERMISSIONS[before]))
    return NOTHING;
  const by = { type: 'user', id: userId } as const;
  const change = { before: { platformRole: before }, after: { platformRole: granted } };
  return {
    statements: [sql(CHANGE_PLATFORM_ROLE, [userId, granted])],
    events: [{ action: 'user.updated', subject: by, actor: by, ...change }],
  };
}

const isMore = (granted: readonly string[], present: readonly string[]): boolean =>
  covers(new Set(granted), present) && !covers(new Set(present), granted);

const CHANGE_ROLE = 'UPDATE memberships SET role_id = $3 WHERE organisation_id = $1 AND user_id = $2';
const CHANGE_PROJECT_ROLE =
  'UPDATE project_memberships SET role_id = $4 WHERE organisation_id = $1 AND project_id = $2 AND user_id = $3';
const CHANGE_PLATFORM_ROLE = 'UPDATE users SET platform_role = $2, updated_at = now() WHERE id = $1';
