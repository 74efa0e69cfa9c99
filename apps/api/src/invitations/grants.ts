import type { HttpException } from '@nestjs/common';
import { problem } from '@usher/http';
import type { Holdings, Wanted } from '../access/authority.js';
import type { Place } from '../access/caller.js';
import { MEMBER_ROLE, type Permission, PLATFORM_ROLE_PERMISSIONS, type PlatformRole } from '../access/permissions.js';
import { RoleReferenceDto } from '../organisations/role.dto.js';
import type { Role } from '../organisations/role.entity.js';
import { type RoleName, roleNotFound } from '../organisations/roles.service.js';
import type { ProjectRoleDto } from '../projects/membership.dto.js';
import type { Project } from '../projects/project.entity.js';
import type { Invitation, InvitationType } from './invitation.entity.js';

/** What an invitation gives: a platform role, or a role in an organisation and in any number of its projects. */
export interface Grants {
  platformRole: PlatformRole | null;
  /** Null on invitations to the platform, and to a project: those make at least a MEMBER. */
  role: Role | null;
  projects: { project: Project; role: Role }[];
  /** Members are refused, however little they hold. */
  onlyNewcomers?: boolean;
}

/** Grants as a request names them. */
export interface GrantNames {
  platformRole?: PlatformRole;
  role?: string;
  projects?: { projectId: string; role: string }[];
  onlyNewcomers?: boolean;
}

export const namesGrants = ({ role, projects, platformRole }: GrantNames): boolean =>
  [role, projects, platformRole].some((each) => each !== undefined);

const SENDING: Record<InvitationType, Permission[]> = {
  PLATFORM: ['users:manage'],
  ORGANISATION: ['invitations:manage'],
  PROJECT: ['invitations:manage', 'project-invitations:manage'],
};

const LINKING: Record<InvitationType, Permission[]> = {
  PLATFORM: ['users:manage'],
  ORGANISATION: ['invitations:link'],
  PROJECT: ['invitations:link', 'project-invitations:manage'],
};

export const maySend = (holdings: Holdings, { type, projectId }: Place): boolean =>
  SENDING[type].some((permission) => holdings.has(permission, projectId));

export const mayLink = (holdings: Holdings, { type, projectId }: Place): boolean =>
  LINKING[type].some((permission) => holdings.has(permission, projectId));

/** Everything that acceptance would give, place by place; it must be within what the inviter holds. */
export function permissionsIn({ platformRole, role, projects }: Grants): Wanted[] {
  if (platformRole) return [{ projectId: null, permissions: PLATFORM_ROLE_PERMISSIONS[platformRole] }];
  return [
    { projectId: null, permissions: (role ?? MEMBER_ROLE).permissions },
    ...projects.map((grant) => ({ projectId: grant.project.id, permissions: grant.role.permissions })),
  ];
}

/** All that are given, in the organisation and in projects. */
export const rolesIn = ({ role, projects }: Pick<Grants, 'role' | 'projects'>): Role[] => [
  ...(role ? [role] : []),
  ...projects.map((grant) => grant.role),
];

/** The project grants, as answers show them. */
export const projectRolesOf = ({ projects }: Pick<Grants, 'projects'>): ProjectRoleDto[] =>
  projects.map(({ project, role }) => ({
    projectId: project.id,
    name: project.name,
    role: RoleReferenceDto.from(role),
  }));

/** The project grants of an invitation, as they are stored. */
export const grantRowsOf = (organisationId: string, invitationId: string, { projects }: Grants) =>
  projects.map(({ project, role }) => ({ invitationId, organisationId, projectId: project.id, roleId: role.id }));

export const projectNotFound = (key: string) =>
  problem(404, 'project_not_found', `The organisation has no project ${key}.`);

/** Roles of projects that are missing are not asked for. */
export const rolesNamed = (place: Place, names: GrantNames, projects: ReadonlyMap<string, Project>): RoleName[] => [
  ...projectsNamed(place, names).flatMap(({ projectId, role }): RoleName[] => {
    const project = projects.get(projectId.toLowerCase());
    return project ? [{ scope: 'PROJECT', projectKind: project.kind, name: role }] : [];
  }),
  ...organisationRoleNamed(place, names),
];

/** Names turned into what was found; the refusal of what was not. */
export function grantsNamed(
  place: Place,
  names: GrantNames,
  found: ReadonlyMap<string, Project>,
  roleNamed: (name: RoleName) => Role | null,
): Grants | HttpException {
  const projects: Project[] = [];
  for (const { projectId } of projectsNamed(place, names)) {
    const project = found.get(projectId.toLowerCase());
    if (!project) return projectNotFound(projectId);
    projects.push(project);
  }
  const roles: Role[] = [];
  for (const name of rolesNamed(place, names, found)) {
    const role = roleNamed(name);
    if (!role) return roleNotFound(name);
    roles.push(role);
  }
  const granted = projects.map((project, index) => ({ project, role: roles[index] }));
  return {
    platformRole: null,
    role: roles[projects.length] ?? null,
    projects: granted,
    onlyNewcomers: names.onlyNewcomers,
  };
}

export const projectsNamed = (
  place: Place,
  { role = '', projects = [] }: GrantNames,
): { projectId: string; role: string }[] => (place.projectId ? [{ projectId: place.projectId, role }] : projects);

const organisationRoleNamed = (place: Place, { role = '' }: GrantNames): RoleName[] =>
  place.type === 'ORGANISATION' ? [{ scope: 'ORGANISATION', projectKind: null, name: role }] : [];

/** Where an invitation was issued. */
export const placeOf = ({ type, place, organisationId }: Invitation): Place => ({
  type,
  organisationId,
  projectId: type === 'PROJECT' ? place : null,
});

export const platformPlace: Place = { type: 'PLATFORM', organisationId: null, projectId: null };

export const organisationPlace = (organisationId: string): Place => ({
  type: 'ORGANISATION',
  organisationId,
  projectId: null,
});

export const projectPlace = (organisationId: string, projectId: string): Place => ({
  type: 'PROJECT',
  organisationId,
  projectId,
});

export const isSame = (a: Grants, b: Grants): boolean => fingerprint(a) === fingerprint(b);

const fingerprint = ({ platformRole, role, projects }: Grants): string =>
  JSON.stringify([platformRole, role?.id, projects.map((grant) => [grant.project.id, grant.role.id]).sort()]);

/** Grants as a request would name them. */
export const namesOf = ({ platformRole, role, projects }: Grants, { type }: Invitation): GrantNames => ({
  platformRole: platformRole ?? undefined,
  role: type === 'PROJECT' ? projects[0]?.role.id : role?.id,
  projects: projects.map((grant) => ({ projectId: grant.project.id, role: grant.role.id })),
});
