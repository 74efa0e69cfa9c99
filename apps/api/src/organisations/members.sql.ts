import { sqlJson } from '@usher/database';
import type { Condition, SqlList } from '@usher/http';
import type { MemberDto, PersonDto } from './member.dto.js';
import { roleFields } from './role.sql.js';

const { moment, object, text, word } = sqlJson;

/** Who is in a large organisation is read page after page by dashboards: one statement writes the page, which is cut before the joins. */
export const membersIn = (organisation: Condition): SqlList => ({
  table: 'memberships',
  alias: 'm',
  conditions: [organisation],
  order: { name: 'membership.userId joinedAt', by: 'm.joined_at', id: 'm.user_id', direction: 'ASC' },
  shown: object<MemberDto>({
    user: object<PersonDto>({
      id: word('u.id'),
      email: text('u.email'),
      givenName: text('u.given_name'),
      familyName: text('u.family_name'),
    }),
    role: object(roleFields('r')),
    status: word('m.status'),
    joinedAt: moment('m.joined_at'),
  }),
  joins: 'JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id',
});
