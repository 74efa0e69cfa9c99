import type { Catalogue } from '../../invitations/issue/issue-request.js';
import type { GrantNames } from '../../invitations/grants.js';
import type { Role } from '../../organisations/role.entity.js';
import { inOrder } from '../../organisations/roles.service.js';
import type { DeepsetInviteDto } from './deepset-invitation.dto.js';

/** deepset's own names of roles that are called otherwise here. */
const CALLED_OTHERWISE: Readonly<Record<string, string>> = { 'search user': 'VIEWER' };
const LEAST_IN_A_WORKSPACE = 'VIEWER';

/** Grants, and the key of the role that they were made from. */
export interface NamedGrants {
  key: string;
  names: GrantNames;
}

/**
 * Makes grants of one role's name and a list of workspaces.
 * What the organisation does not have is passed on as it is: the invitation refuses it, after what comes before it.
 */
export function grantsNamed(
  catalogue: Catalogue,
  { role: name, workspace_ids: ids = [] }: DeepsetInviteDto,
): NamedGrants {
  const roles = inOrder(catalogue.roles);
  const meant = rolesMeant(roles, name);
  const { id, key, scope } = meant[0] ?? { id: name, key: name, scope: 'ORGANISATION' };
  const isOfProjects = scope === 'PROJECT';
  const candidates = isOfProjects ? meant : roles.filter(hasKey(key));
  const otherwise = isOfProjects ? key : LEAST_IN_A_WORKSPACE;
  const projects = ids.map((projectId) => {
    const kind = catalogue.projects.get(projectId)?.kind;
    return { projectId, role: candidates.find(fits(kind))?.id ?? otherwise };
  });
  return { key, names: { role: isOfProjects ? 'MEMBER' : id, projects, onlyNewcomers: true } };
}

const isCalled = (text: string, name: string): boolean => text.toLowerCase() === name.toLowerCase();

const hasKey =
  (name: string) =>
  ({ key }: Role): boolean =>
    isCalled(key, name);

const hasName =
  (wanted: string) =>
  ({ name }: Role): boolean =>
    isCalled(name, wanted);

const fits =
  (kind: string | undefined) =>
  ({ scope, projectKind }: Role): boolean =>
    scope === 'PROJECT' && (projectKind === null || projectKind === kind);

/** Key before name, organisation before project. Of a project's role several may be meant: one for each kind. */
function rolesMeant(roles: Role[], name: string): Role[] {
  const otherwise = CALLED_OTHERWISE[name.toLowerCase()];
  const rules = [hasKey(name), hasName(name), ...(otherwise ? [hasKey(otherwise)] : [])];
  for (const rule of rules) {
    for (const scope of ['ORGANISATION', 'PROJECT']) {
      const meant = roles.filter((role) => role.scope === scope && rule(role));
      if (meant.length > 0) return meant;
    }
  }
  return [];
}
