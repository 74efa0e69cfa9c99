import { Injectable } from '@nestjs/common';
import type { GrantNames } from '../../invitations/grants.js';
import type { Role } from '../../organisations/role.entity.js';
import { RolesService } from '../../organisations/roles.service.js';
import { ProjectsService } from '../../projects/projects.service.js';
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
@Injectable()
export class DeepsetGrants {
  constructor(
    private readonly roles: RolesService,
    private readonly projects: ProjectsService,
  ) {}

  async named(organisationId: string, { role: name, workspace_ids: ids = [] }: DeepsetInviteDto): Promise<NamedGrants> {
    const roles = await this.roles.all(organisationId);
    const meant = rolesMeant(roles, name);
    const { id, key, scope } = meant[0] ?? { id: name, key: name, scope: 'ORGANISATION' };
    const isOfProjects = scope === 'PROJECT';
    const candidates = isOfProjects ? meant : roles.filter(hasKey(key));
    const otherwise = isOfProjects ? key : LEAST_IN_A_WORKSPACE;
    const kinds = await this.kindsOf(organisationId, ids);
    const projects = ids.map((projectId) => {
      const role = candidates.find(fits(kinds.get(projectId)))?.id ?? otherwise;
      return { projectId, role };
    });
    return { key, names: { role: isOfProjects ? 'MEMBER' : id, projects, onlyNewcomers: true } };
  }

  private async kindsOf(organisationId: string, ids: string[]): Promise<Map<string, string>> {
    const workspaces = await this.projects.among(organisationId, ids);
    return new Map(workspaces.map(({ id, kind }) => [id, kind]));
  }
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
