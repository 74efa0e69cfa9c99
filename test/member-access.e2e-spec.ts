import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from './support/app.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

interface Held {
  permission: string;
  through: { role: { id: string | null; key: string; name: string }; scope: string };
}

const IN_ORGANISATION = ['organisation:read', 'members:read', 'roles:read'];

describe('what a member may do, and why', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let member: Person;

  const ask = (of: Person, as: Person, query = '') =>
    app.api.get(`/organisations/${acme.id}/members/${of.id}/access${query}`, { as });
  const held = async (of: Person, as: Person, query = ''): Promise<Held[]> => {
    const { status, body } = await ask(of, as, query);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body.permissions;
  };
  const through = (all: Held[], scope: string): string[] =>
    all.filter((each) => each.through.scope === scope).map(({ permission }) => permission);
  const suspend = (of: Person) =>
    app.api.put(`/organisations/${acme.id}/members/${of.id}/status`, { status: 'SUSPENDED' }, { as: owner });

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
    member = await buildMember(app, owner, acme);
  });
  afterAll(() => app.stop());

  it('is what their role in the organisation holds, in the order of the permission table', async () => {
    const role = { id: '00000000-0000-4000-8000-0000000000a3', key: 'MEMBER', name: 'Member' };
    const expected = IN_ORGANISATION.map((permission) => ({ permission, through: { role, scope: 'ORGANISATION' } }));
    expect(await held(member, owner)).toEqual(expected);
    expect(await held(member, member)).toEqual(expected);
  });

  it('includes the project permissions of that role', async () => {
    const { data } = (await app.api.get('/permissions', { as: owner })).body;
    const everything = data.map(({ permission }: { permission: string }) => permission);
    expect(through(await held(owner, member), 'ORGANISATION')).toEqual(everything);
  });

  it('is in the order of the table, whatever the order of a role', async () => {
    const fields = { key: 'mixed', name: 'Mixed', scope: 'ORGANISATION' };
    const permissions = ['project:read', 'roles:read', 'members:read'];
    const { body } = await app.api.post(`/organisations/${acme.id}/roles`, { ...fields, permissions }, { as: owner });
    await app.api.put(`/organisations/${acme.id}/members/${member.id}/role`, { role: 'mixed' }, { as: owner });
    expect(await held(member, owner)).toEqual(
      ['members:read', 'roles:read', 'project:read'].map((permission) => ({
        permission,
        through: { role: { id: body.id, key: 'mixed', name: 'Mixed' }, scope: 'ORGANISATION' },
      })),
    );
  });

  it('includes their role in the project that is asked about, an entry for each role', async () => {
    const project = await buildProject(app, owner, acme);
    const other = await buildProject(app, owner, acme);
    for (const person of [owner, member])
      await app.api.post(`/projects/${project.id}/members`, { userId: person.id, role: 'EDITOR' }, { as: owner });
    const query = `?projectId=${project.id.toUpperCase()}`;
    const all = await held(member, owner, query);
    expect(through(all, 'ORGANISATION')).toEqual(IN_ORGANISATION);
    expect(through(all, 'PROJECT')).toEqual(['project:read', 'project:update', 'project-members:read']);
    const reading = (await held(owner, owner, query)).filter(({ permission }) => permission === 'project:read');
    expect(reading.map((each) => [each.through.scope, each.through.role.key])).toEqual([
      ['ORGANISATION', 'OWNER'],
      ['PROJECT', 'EDITOR'],
    ]);
    expect(through(await held(member, owner, `?projectId=${other.id}`), 'PROJECT')).toEqual([]);
    expect(through(await held(member, owner), 'PROJECT')).toEqual([]);
  });

  it('is nothing while the member is suspended', async () => {
    const project = await buildProject(app, owner, acme);
    await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'EDITOR' }, { as: owner });
    await suspend(member);
    expect(await held(member, owner)).toEqual([]);
    expect(await held(member, root, `?projectId=${project.id}`)).toEqual([]);
  });

  it('is nothing while the account is suspended, whatever its platform role', async () => {
    const operator = await buildMember(app, owner, acme);
    await app.api.patch(`/users/${operator.id}`, { platformRole: 'OPERATOR', status: 'SUSPENDED' }, { as: root });
    await app.api.patch(`/users/${member.id}`, { status: 'SUSPENDED' }, { as: root });
    expect(await held(member, owner)).toEqual([]);
    expect(await held(operator, root)).toEqual([]);
  });

  it('is nothing while the organisation is suspended', async () => {
    await app.dataSource.query(`UPDATE organisations SET status = 'SUSPENDED' WHERE id = $1`, [acme.id]);
    expect(await held(owner, root)).toEqual([]);
    expect((await ask(owner, owner)).body.code).toBe('organisation_suspended');
  });

  describe('through a platform role', () => {
    it('is shown to platform staff alone', async () => {
      const operator = await buildUser(app, root, 'OPERATOR');
      const all = await held(root, operator);
      expect(through(all, 'PLATFORM')).toEqual(
        expect.arrayContaining(['platform:manage', 'members:manage', 'project:delete']),
      );
      expect(all[0]).toEqual({
        permission: 'platform:read',
        through: { role: { id: null, key: 'ADMIN', name: 'Admin' }, scope: 'PLATFORM' },
      });
      expect(through(await held(root, owner), 'PLATFORM')).toEqual([]);
      expect(through(await held(root, owner), 'ORGANISATION')).not.toEqual([]);
      expect(through(await held(member, root), 'PLATFORM')).toEqual([]);
    });

    it('holds on while the membership is suspended, as the guard lets them', async () => {
      await suspend(root);
      const all = await held(root, root);
      expect(through(all, 'ORGANISATION')).toEqual([]);
      expect(through(all, 'PLATFORM')).toContain('members:manage');
      expect((await app.api.get(`/organisations/${acme.id}`, { as: root })).status).toBe(200);
    });
  });

  it('is not for strangers, and not for members who may not see members', async () => {
    const stranger = await buildUser(app, root);
    expect(await ask(member, stranger)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await app.api.get(`/organisations/${acme.id}/members/${member.id}/access`)).status).toBe(401);
    const fields = { key: 'blind', name: 'Blind', scope: 'ORGANISATION', permissions: ['organisation:read'] };
    await app.api.post(`/organisations/${acme.id}/roles`, fields, { as: owner });
    await app.api.put(`/organisations/${acme.id}/members/${member.id}/role`, { role: 'blind' }, { as: owner });
    expect(await ask(owner, member)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('is not found for those who are no members, and in projects of others', async () => {
    const stranger = await buildUser(app, root);
    const foreign = await buildProject(app, root, await buildOrganisation(app, root));
    expect(await ask(stranger, owner)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    for (const id of [foreign.id, randomUUID()]) {
      expect(await ask(member, owner, `?projectId=${id}`)).toMatchObject({
        status: 404,
        body: { code: 'project_not_found' },
      });
    }
    expect((await ask(member, owner, '?projectId=website')).status).toBe(400);
    expect((await ask(member, owner, '?project=1')).status).toBe(400);
  });
});
