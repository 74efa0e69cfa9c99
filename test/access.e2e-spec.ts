import { startApp, type TestApp } from './support/app.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

describe('who may do what', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let admin: Person;
  let member: Person;
  let stranger: Person;

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const invite = (as: Person, fields: object = {}) =>
    app.api.post(path('/invitations'), { email: newAddress(), role: 'MEMBER', ...fields }, { as });
  const roleOf = async (person: Person) =>
    (await app.api.get(path(`/members/${person.id}`), { as: root })).body.role?.key;
  const statusOf = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: root })).body;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
    stranger = await buildUser(app, root);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
    admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
    member = await buildMember(app, owner, acme);
  });
  afterAll(() => app.stop());

  describe('tenants', () => {
    it('are invisible to strangers: whatever they ask of them is not found', async () => {
      const project = await buildProject(app, owner, acme);
      const { body } = await invite(owner);
      const requests: [string, string, object?][] = [
        ['GET', path()],
        ['PATCH', path(), { name: 'Mine' }],
        ['DELETE', path()],
        ['GET', path('/members')],
        ['DELETE', path(`/members/${member.id}`)],
        ['PUT', path(`/members/${member.id}/role`), { role: 'ADMIN' }],
        ['GET', path('/projects')],
        ['POST', path('/projects'), { name: 'Mine' }],
        ['GET', path('/invitations')],
        ['POST', path('/invitations'), { email: newAddress(), role: 'MEMBER' }],
        ['GET', `/projects/${project.id}`],
        ['DELETE', `/projects/${project.id}`],
        ['GET', `/projects/${project.id}/members`],
        ['POST', `/projects/${project.id}/invitations`, { email: newAddress(), role: 'VIEWER' }],
        ['GET', `/invitations/${body.id}`],
        ['PATCH', `/invitations/${body.id}`, { role: 'ADMIN' }],
        ['DELETE', `/invitations/${body.id}`],
        ['POST', `/invitations/${body.id}/resend`],
      ];
      const missing = await app.api.get('/organisations/22222222', { as: stranger });
      for (const [method, url, payload] of requests) {
        const answer = await app.api.send(method, url, payload, { as: stranger });
        expect([method, url, answer.status, answer.body.detail]).toEqual([method, url, 404, missing.body.detail]);
        expect((await app.api.send(method, url, payload)).status).toBe(401);
      }
      expect((await app.api.get('/organisations', { as: stranger })).body.data).toEqual([]);
    });

    it('show members what their role permits, and refuse the rest', async () => {
      expect((await app.api.get(path('/members'), { as: member })).status).toBe(200);
      expect((await app.api.get(path('/projects'), { as: member })).body.data).toEqual([]);
      const refusals = [
        await invite(member),
        await app.api.get(path('/invitations'), { as: member }),
        await app.api.patch(path(), { name: 'Mine' }, { as: member }),
        await app.api.post(path('/projects'), { name: 'Mine' }, { as: member }),
        await app.api.put(path(`/members/${admin.id}/role`), { role: 'MEMBER' }, { as: member }),
        await app.api.delete(path(`/members/${admin.id}`), { as: member }),
        await app.api.delete(path(), { as: admin }),
      ];
      for (const refused of refusals) expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });

    it('let platform operators read everything and manage nobody', async () => {
      const operator = await buildUser(app, root, 'OPERATOR');
      const project = await buildProject(app, owner, acme);
      expect((await app.api.get(path('/invitations'), { as: operator })).status).toBe(200);
      expect((await app.api.get(path('/projects'), { as: operator })).body.data).toHaveLength(1);
      expect((await app.api.patch(`/projects/${project.id}`, { name: 'Renamed' }, { as: operator })).status).toBe(200);
      expect((await invite(operator)).status).toBe(403);
      expect((await app.api.delete(path(`/members/${member.id}`), { as: operator })).status).toBe(403);
      expect((await app.api.get('/platform', { as: operator })).status).toBe(200);
      expect((await app.api.patch('/platform', { name: 'Mine' }, { as: operator })).status).toBe(403);
    });

    it('refuse everybody of theirs while they are suspended', async () => {
      await app.dataSource.query(`UPDATE organisations SET status = 'SUSPENDED' WHERE id = $1`, [acme.id]);
      expect(await app.api.get(path(), { as: owner })).toMatchObject({
        status: 403,
        body: { code: 'organisation_suspended' },
      });
      expect((await app.api.get(path(), { as: root })).status).toBe(200);
    });

    it('are created by platform admins, or by everyone if the platform says so', async () => {
      expect((await app.api.post('/organisations', { name: 'Mine' }, { as: stranger })).status).toBe(403);
      await app.api.patch('/platform', { organisationCreation: 'everyone' }, { as: root });
      const created = await app.api.post('/organisations', { name: 'Mine' }, { as: stranger });
      expect(created.status).toBe(201);
      const { body } = await app.api.get(`/organisations/${created.body.id}/members/${stranger.id}`, { as: stranger });
      expect(body.role.key).toBe('OWNER');
      await app.api.patch('/platform', { organisationCreation: 'admins' }, { as: root });
    });

    it('go with everything in them', async () => {
      const { body } = await invite(owner);
      await buildProject(app, owner, acme);
      expect((await app.api.delete(path(), { as: owner })).status).toBe(204);
      expect((await app.api.get(`/invitations/${body.id}`, { as: root })).status).toBe(404);
      expect((await app.api.get('/me/memberships', { as: member })).body.data).toEqual([]);
    });
  });

  describe('projects', () => {
    it('are open to their own people, and closed to other members of the organisation', async () => {
      const project = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'VIEWER' }, { as: owner });
      const other = await buildMember(app, owner, acme);
      expect((await app.api.get(`/projects/${project.id}`, { as: member })).status).toBe(200);
      expect((await app.api.get(path('/projects'), { as: member })).body.data).toMatchObject([{ id: project.id }]);
      expect((await app.api.get(`/projects/${project.id}`, { as: other })).status).toBe(403);
      expect((await app.api.patch(`/projects/${project.id}`, { name: 'Mine' }, { as: member })).status).toBe(403);
    });

    it('let their admins invite to them, but not to the organisation', async () => {
      const project = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'ADMIN' }, { as: owner });
      const invitation = { email: newAddress(), role: 'EDITOR' };
      const created = await app.api.post(`/projects/${project.id}/invitations`, invitation, { as: member });
      expect(created.status).toBe(201);
      expect((await app.api.post(`/invitations/${created.body.id}/resend`, {}, { as: member })).status).toBe(200);
      expect((await invite(member)).status).toBe(403);
      const elsewhere = await invite(owner);
      expect((await app.api.get(`/invitations/${elsewhere.body.id}`, { as: member })).status).toBe(403);
    });

    it('take their memberships and open invitations with them', async () => {
      const project = await buildProject(app, owner, acme);
      const { body } = await app.api.post(
        `/projects/${project.id}/invitations`,
        { email: newAddress(), role: 'VIEWER' },
        { as: owner },
      );
      const projects = [{ projectId: project.id, role: 'VIEWER' }];
      const wider = await invite(owner, { projects });
      expect((await app.api.delete(`/projects/${project.id}`, { as: owner })).status).toBe(204);
      expect(await statusOf(body.id)).toMatchObject({ status: 'REVOKED', revokedReason: 'project_deleted' });
      expect(await statusOf(wider.body.id)).toMatchObject({ status: 'PENDING', projects: [] });
    });
  });

  describe('the ceiling', () => {
    it('lets nobody invite to more than they hold', async () => {
      expect(await invite(admin, { role: 'OWNER' })).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
      expect((await invite(admin, { role: 'ADMIN' })).status).toBe(201);
    });

    it('lets nobody change, resend or revoke an invitation that grants more than they hold', async () => {
      const { body } = await invite(owner, { role: 'OWNER' });
      const attempts = [
        await app.api.patch(`/invitations/${body.id}`, { role: 'MEMBER' }, { as: admin }),
        await app.api.post(`/invitations/${body.id}/resend`, {}, { as: admin }),
        await app.api.delete(`/invitations/${body.id}`, { as: admin }),
      ];
      for (const refused of attempts) expect(refused).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
      expect(await statusOf(body.id)).toMatchObject({
        status: 'PENDING',
        role: { key: 'OWNER' },
        invitedBy: { id: owner.id },
      });
    });

    it('holds when an invitation is raised', async () => {
      const { body } = await invite(admin);
      const refused = await app.api.patch(`/invitations/${body.id}`, { role: 'OWNER' }, { as: admin });
      expect(refused).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
      expect((await statusOf(body.id)).role.key).toBe('MEMBER');
    });

    it('protects people above: their role, their status, their place', async () => {
      const attempts = [
        await app.api.put(path(`/members/${owner.id}/role`), { role: 'MEMBER' }, { as: admin }),
        await app.api.put(path(`/members/${owner.id}/status`), { status: 'SUSPENDED' }, { as: admin }),
        await app.api.delete(path(`/members/${owner.id}`), { as: admin }),
        await app.api.put(path(`/members/${member.id}/role`), { role: 'OWNER' }, { as: admin }),
      ];
      for (const refused of attempts) expect(refused).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
      expect(await roleOf(owner)).toBe('OWNER');
    });

    it('lets an admin raise a member as high as themselves', async () => {
      expect((await app.api.put(path(`/members/${member.id}/role`), { role: 'ADMIN' }, { as: admin })).status).toBe(
        200,
      );
      expect(await roleOf(member)).toBe('ADMIN');
    });

    it('holds inside a project', async () => {
      const project = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'EDITOR' }, { as: owner });
      const editor = await app.api.post(
        `/projects/${project.id}/invitations`,
        { email: newAddress(), role: 'VIEWER' },
        { as: member },
      );
      expect(editor.status).toBe(403);
      const foreign = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${foreign.id}/members`, { userId: member.id, role: 'ADMIN' }, { as: owner });
      const boss = await app.api.put(
        `/projects/${foreign.id}/members/${member.id}/role`,
        { role: 'VIEWER' },
        { as: member },
      );
      expect(boss).toMatchObject({ status: 403, body: { code: 'own_role' } });
    });
  });

  describe('people', () => {
    it('do not change their own role or status, however they spell their id', async () => {
      const shouted = await app.api.put(
        path(`/members/${owner.id.toUpperCase()}/role`),
        { role: 'ADMIN' },
        { as: owner },
      );
      expect(shouted).toMatchObject({ status: 403, body: { code: 'own_role' } });
      const role = await app.api.put(path(`/members/${owner.id}/role`), { role: 'ADMIN' }, { as: owner });
      const status = await app.api.put(path(`/members/${admin.id}/status`), { status: 'SUSPENDED' }, { as: admin });
      expect([role.status, role.body.code, status.status, status.body.code]).toEqual([
        403,
        'own_role',
        403,
        'own_status',
      ]);
    });

    it('leave whenever they like, except the last owner', async () => {
      expect((await app.api.delete(path(`/members/${member.id}`), { as: member })).status).toBe(204);
      expect((await app.api.get(path(), { as: member })).status).toBe(404);
      await app.api.delete(path(`/members/${root.id}`), { as: root });
      const refused = await app.api.delete(path(`/members/${owner.id}`), { as: owner });
      expect(refused).toMatchObject({ status: 409, body: { code: 'last_owner' } });
      const demoted = await app.api.put(path(`/members/${owner.id}/role`), { role: 'ADMIN' }, { as: root });
      expect(demoted).toMatchObject({ status: 409, body: { code: 'last_owner' } });
    });

    it('who are suspended are refused at once, and come back with everything', async () => {
      const project = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'VIEWER' }, { as: owner });
      await app.api.put(path(`/members/${member.id}/status`), { status: 'SUSPENDED' }, { as: admin });
      expect(await app.api.get(path(), { as: member })).toMatchObject({
        status: 403,
        body: { code: 'membership_suspended' },
      });
      expect((await app.api.get(`/projects/${project.id}`, { as: member })).status).toBe(403);
      await app.api.put(path(`/members/${member.id}/status`), { status: 'ACTIVE' }, { as: admin });
      expect((await app.api.get(`/projects/${project.id}`, { as: member })).status).toBe(200);
    });
  });

  describe('open invitations', () => {
    it.each([
      ['removed', (person: Person) => app.api.delete(path(`/members/${person.id}`), { as: owner })],
      [
        'suspended',
        (person: Person) => app.api.put(path(`/members/${person.id}/status`), { status: 'SUSPENDED' }, { as: owner }),
      ],
      [
        'demoted',
        (person: Person) => app.api.put(path(`/members/${person.id}/role`), { role: 'MEMBER' }, { as: owner }),
      ],
      [
        'suspended on the platform',
        (person: Person) => app.api.patch(`/users/${person.id}`, { status: 'SUSPENDED' }, { as: root }),
      ],
      ['erased', (person: Person) => app.api.delete(`/users/${person.id}`, { as: root })],
    ])('are withdrawn when who answers for them is %s', async (_ending, end) => {
      const { body } = await invite(admin);
      const token = await app.inbox.token(body.email);
      const theirs = await invite(owner);
      expect((await end(admin)).status).toBeLessThan(300);
      expect(await statusOf(body.id)).toMatchObject({ status: 'REVOKED', revokedReason: 'inviter_lost_rights' });
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(410);
      expect((await statusOf(theirs.body.id)).status).toBe('PENDING');
    });

    it('stay when a demoted inviter could still send them', async () => {
      const second = await buildMember(app, owner, acme, { role: 'OWNER' });
      const high = await invite(second, { role: 'OWNER' });
      const low = await invite(second);
      await app.api.put(path(`/members/${second.id}/role`), { role: 'ADMIN' }, { as: owner });
      expect((await statusOf(high.body.id)).status).toBe('REVOKED');
      expect((await statusOf(low.body.id)).status).toBe('PENDING');
    });

    it('to somebody who was demoted or removed are withdrawn too', async () => {
      const { body } = await invite(owner, { email: admin.email, role: 'OWNER' });
      await app.api.put(path(`/members/${admin.id}/role`), { role: 'MEMBER' }, { as: owner });
      expect(await statusOf(body.id)).toMatchObject({ status: 'REVOKED', revokedReason: 'invitee_lost_rights' });
    });

    it('that would lead back into a project are withdrawn when somebody loses it', async () => {
      const project = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'EDITOR' }, { as: owner });
      const projects = [{ projectId: project.id, role: 'ADMIN' }];
      const { body } = await invite(owner, { email: member.email, projects });
      const unrelated = await buildProject(app, owner, acme);
      const other = await app.api.post(
        `/projects/${unrelated.id}/invitations`,
        { email: member.email, role: 'VIEWER' },
        { as: owner },
      );
      await app.api.delete(`/projects/${project.id}/members/${member.id}`, { as: owner });
      expect(await statusOf(body.id)).toMatchObject({ status: 'REVOKED', revokedReason: 'invitee_lost_rights' });
      expect((await statusOf(other.body.id)).status).toBe('PENDING');
    });

    it('of a project admin are withdrawn when they lose the project', async () => {
      const project = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'ADMIN' }, { as: owner });
      const { body } = await app.api.post(
        `/projects/${project.id}/invitations`,
        { email: newAddress(), role: 'VIEWER' },
        { as: member },
      );
      await app.api.delete(`/projects/${project.id}/members/${member.id}`, { as: owner });
      expect((await statusOf(body.id)).status).toBe('REVOKED');
    });
  });

  it('every change leaves an audit event, in the same transaction, without addresses', async () => {
    const { body } = await invite(admin);
    await app.api.delete(`/invitations/${body.id}`, { as: admin });
    await app.api.put(path(`/members/${member.id}/role`), { role: 'ADMIN' }, { as: owner });
    const events: { action: string; actor_id: string; ip: string; request_id: string }[] = await app.dataSource.query(
      'SELECT * FROM audit_events WHERE tenant_id = $1 ORDER BY at, id',
      [acme.id],
    );
    const last = events.slice(-3);
    expect(last.map(({ action, actor_id }) => [action, actor_id])).toEqual([
      ['invitation.created', admin.id],
      ['invitation.revoked', admin.id],
      ['member.role_changed', owner.id],
    ]);
    expect(last.every(({ ip, request_id }) => ip === '127.0.0.1' && request_id.length > 10)).toBe(true);
    expect(JSON.stringify(events)).not.toContain('@');
  });
});
