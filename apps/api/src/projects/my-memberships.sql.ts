import { roleColumnsOf, roleOf } from '../organisations/role.sql.js';

/** Products ask at every sign-in where somebody is a member: one statement reads organisations, roles and projects. */
export const membershipsOf = (page: string, sorted: string): string => `
  SELECT o.id AS "organisationId", o.short_id AS "shortId", o.name, ${roleColumnsOf('r')}, m.status, m.joined_at AS "joinedAt",
    (SELECT json_agg(json_build_object('projectId', p.id, 'name', p.name, 'role', ${roleOf('pr')}) ORDER BY pm.joined_at, p.id)
      FROM project_memberships pm JOIN projects p ON p.id = pm.project_id JOIN roles pr ON pr.id = pm.role_id
      WHERE pm.organisation_id = m.organisation_id AND pm.user_id = m.user_id) AS projects
  FROM (${page}) m JOIN organisations o ON o.id = m.organisation_id JOIN roles r ON r.id = m.role_id
  ${sorted}`;
