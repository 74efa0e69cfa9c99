/** What may be done inside an organisation. */
export const ORGANISATION_PERMISSIONS = [
  'organisation:read',
  'organisation:update',
  'organisation:delete',
  'organisation:own',
  'members:read',
  'members:manage',
  'roles:read',
  'roles:manage',
  'invitations:read',
  'invitations:manage',
  'invitations:link',
  'projects:read',
  'projects:create',
  'keys:manage',
  'audit:read',
] as const;

/** What may be done inside a project; held in an organisation's role, they hold in every project of it. */
export const PROJECT_PERMISSIONS = [
  'project:read',
  'project:update',
  'project:delete',
  'project-members:read',
  'project-members:manage',
  'project-invitations:read',
  'project-invitations:manage',
] as const;

/** What platform staff may do; no role of an organisation or project can hold these. */
export const PLATFORM_PERMISSIONS = ['platform:read', 'platform:manage', 'users:read', 'users:manage'] as const;

export type Permission =
  | (typeof ORGANISATION_PERMISSIONS)[number]
  | (typeof PROJECT_PERMISSIONS)[number]
  | (typeof PLATFORM_PERMISSIONS)[number];

export const PLATFORM_ROLES = ['ADMIN', 'OPERATOR', 'MEMBER'] as const;
export type PlatformRole = (typeof PLATFORM_ROLES)[number];

/** All of them, in the order in which they are shown. */
export const EVERYTHING: readonly Permission[] = [
  ...PLATFORM_PERMISSIONS,
  ...ORGANISATION_PERMISSIONS,
  ...PROJECT_PERMISSIONS,
];

/** How platform roles are called in mails, on pages and in answers. */
export const platformRoleName = (role: PlatformRole): string => role.charAt(0) + role.slice(1).toLowerCase();

/** What a person's platform role lets them do everywhere. */
export const PLATFORM_ROLE_PERMISSIONS: Record<PlatformRole, readonly Permission[]> = {
  ADMIN: EVERYTHING,
  OPERATOR: EVERYTHING.filter((permission) => permission.endsWith(':read') || permission === 'project:update'),
  MEMBER: [],
};

export const ROLE_SCOPES = ['ORGANISATION', 'PROJECT'] as const;
export type RoleScope = (typeof ROLE_SCOPES)[number];

export interface BuiltInRole {
  id: string;
  scope: RoleScope;
  /** Null: for projects of every kind. */
  projectKind: string | null;
  key: string;
  name: string;
  permissions: readonly Permission[];
}

const OWNER_ONLY: readonly Permission[] = ['organisation:own', 'organisation:delete'];
const inOrganisation = { scope: 'ORGANISATION', projectKind: null } as const;
const inEveryKind = { scope: 'PROJECT', projectKind: null } as const;
const inKind = (projectKind: string) => ({ scope: 'PROJECT', projectKind, permissions: ['project:read'] }) as const;
const numbered = (suffix: string): string => `00000000-0000-4000-8000-0000000000${suffix}`;

const MEMBER_ROLE_ID = numbered('a3');
export const OWNER_ROLE_ID = numbered('a1');

/** The roles that every installation has. Their rows are written at start-up; change them here. */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  {
    id: OWNER_ROLE_ID,
    ...inOrganisation,
    key: 'OWNER',
    name: 'Owner',
    permissions: [...ORGANISATION_PERMISSIONS, ...PROJECT_PERMISSIONS],
  },
  {
    id: numbered('a2'),
    ...inOrganisation,
    key: 'ADMIN',
    name: 'Admin',
    permissions: [...ORGANISATION_PERMISSIONS, ...PROJECT_PERMISSIONS].filter(
      (permission) => !OWNER_ONLY.includes(permission),
    ),
  },
  {
    id: MEMBER_ROLE_ID,
    ...inOrganisation,
    key: 'MEMBER',
    name: 'Member',
    permissions: ['organisation:read', 'members:read', 'roles:read'],
  },
  { id: numbered('b1'), ...inEveryKind, key: 'ADMIN', name: 'Admin', permissions: PROJECT_PERMISSIONS },
  {
    id: numbered('b2'),
    ...inEveryKind,
    key: 'EDITOR',
    name: 'Editor',
    permissions: ['project:read', 'project:update', 'project-members:read'],
  },
  { id: numbered('b3'), ...inEveryKind, key: 'VIEWER', name: 'Viewer', permissions: ['project:read'] },
  { id: numbered('c1'), ...inKind('team'), key: 'MEMBER', name: 'Member' },
  { id: numbered('c2'), ...inKind('mock_api'), key: 'USER', name: 'User' },
  { id: numbered('c3'), ...inKind('api_template'), key: 'USER', name: 'User' },
  { id: numbered('c4'), ...inKind('api_template_catalogue'), key: 'USER', name: 'User' },
  { id: numbered('c5'), ...inKind('data_source'), key: 'USER', name: 'User' },
  { id: numbered('c6'), ...inKind('key'), key: 'USER', name: 'User' },
];

/** The role that everybody in an organisation holds at least. */
export const MEMBER_ROLE: BuiltInRole = BUILT_IN_ROLES.find((role) => role.id === MEMBER_ROLE_ID)!;

/** Whether those who hold `held` hold everything in `needed`. */
export const covers = (held: ReadonlySet<string>, needed: readonly string[]): boolean =>
  needed.every((permission) => held.has(permission));
