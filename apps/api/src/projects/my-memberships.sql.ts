import { sqlJson } from '@usher/database';
import type { Condition, SqlList } from '@usher/http';
import { organisationFields } from '../organisations/organisation.sql.js';
import { roleFields } from '../organisations/role.sql.js';
import type { MembershipDto } from './membership.dto.js';
import { projectRole } from './project-role.sql.js';

const { list, moment, object, word } = sqlJson;

const PROJECTS = `project_memberships pm JOIN projects p ON p.id = pm.project_id JOIN roles given ON given.id = pm.role_id
  WHERE pm.organisation_id = m.organisation_id AND pm.user_id = m.user_id`;

/** Products ask at every sign-in where somebody is a member: one statement writes organisations, roles and projects. */
export const membershipsOf = (...conditions: Condition[]): SqlList => ({
  table: 'memberships',
  alias: 'm',
  conditions,
  order: { name: 'membership.organisationId joinedAt', by: 'm.joined_at', id: 'm.organisation_id', direction: 'ASC' },
  shown: object<MembershipDto>({
    organisation: object(organisationFields('o')),
    role: object(roleFields('r')),
    status: word('m.status'),
    joinedAt: moment('m.joined_at'),
    projects: list(projectRole, { from: PROJECTS, orderBy: 'pm.joined_at, p.id' }),
  }),
  joins: 'JOIN organisations o ON o.id = m.organisation_id JOIN roles r ON r.id = m.role_id',
});
