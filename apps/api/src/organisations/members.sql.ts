import { roleColumnsOf } from './role.sql.js';

/** Who is in a large organisation is read page after page by dashboards: one statement, the page cut before the joins. */
export const membersOf = (page: string, sorted: string): string => `
  SELECT m.status, m.joined_at AS "joinedAt", u.id AS "userId", u.email, u.given_name AS "givenName",
    u.family_name AS "familyName", ${roleColumnsOf('r')}
  FROM (${page}) m JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id
  ${sorted}`;
