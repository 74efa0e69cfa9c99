import { sqlJson } from '@usher/database';
import { roleFields } from '../organisations/role.sql.js';
import type { ProjectRoleDto } from './membership.dto.js';

const { object, text, word } = sqlJson;

/** What somebody is in a project `p` by their role `given`. */
export const projectRole = object<ProjectRoleDto>({
  projectId: word('p.id'),
  name: text('p.name'),
  role: object(roleFields('given')),
});
