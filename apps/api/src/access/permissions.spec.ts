import {
  BUILT_IN_ROLES,
  covers,
  ORGANISATION_PERMISSIONS,
  PLATFORM_ROLE_PERMISSIONS,
  PROJECT_PERMISSIONS,
} from './permissions.js';

const role = (scope: string, key: string, kind: string | null = null) =>
  BUILT_IN_ROLES.find((each) => each.scope === scope && each.key === key && each.projectKind === kind)!;
const everythingOfAnOrganisation = [...ORGANISATION_PERMISSIONS, ...PROJECT_PERMISSIONS];

describe('the built-in roles', () => {
  it('give an owner everything, and an admin all but owning and deleting', () => {
    expect(role('ORGANISATION', 'OWNER').permissions).toEqual(everythingOfAnOrganisation);
    const missing = everythingOfAnOrganisation.filter(
      (each) => !role('ORGANISATION', 'ADMIN').permissions.includes(each),
    );
    expect(missing).toEqual(['organisation:delete', 'organisation:own']);
  });

  it('let a member see people and roles, and no project', () => {
    expect(role('ORGANISATION', 'MEMBER').permissions).toEqual(['organisation:read', 'members:read', 'roles:read']);
  });

  it('hold nothing but project permissions inside projects', () => {
    const inProjects = BUILT_IN_ROLES.filter((each) => each.scope === 'PROJECT');
    const held = new Set(inProjects.flatMap((each) => each.permissions));
    expect(covers(new Set(PROJECT_PERMISSIONS), [...held])).toBe(true);
  });

  it.each(['mock_api', 'api_template', 'api_template_catalogue', 'data_source', 'key'])(
    'have a USER of kind %s',
    (kind) => {
      expect(role('PROJECT', 'USER', kind).permissions).toEqual(['project:read']);
    },
  );

  it('have ids of their own', () => {
    expect(new Set(BUILT_IN_ROLES.map((each) => each.id)).size).toBe(BUILT_IN_ROLES.length);
  });
});

describe('platform roles', () => {
  it('let an operator read everything and update projects, nothing else', () => {
    const held = PLATFORM_ROLE_PERMISSIONS.OPERATOR;
    expect(held.every((each) => each.endsWith(':read') || each === 'project:update')).toBe(true);
    expect(held).toEqual(expect.arrayContaining(['invitations:read', 'users:read', 'platform:read', 'audit:read']));
  });

  it('let a member do nothing that was not granted', () => {
    expect(PLATFORM_ROLE_PERMISSIONS.MEMBER).toEqual([]);
  });
});
