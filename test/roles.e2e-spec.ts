import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  join,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';

const BUILT_IN_EDITOR = '00000000-0000-4000-8000-0000000000b2';

describe('roles', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let admin: Person;
  let member: Person;
  let stranger: Person;

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const make = (fields: object = {}, as = owner, headers: Record<string, string> = {}) =>
    app.api.post(
      path('/roles'),
      { key: 'support', name: 'Support', scope: 'ORGANISATION', permissions: ['members:read'], ...fields },
      { as, headers },
    );
  const change = (id: string, changes: object, as = owner) => app.api.patch(`/roles/${id}`, changes, { as });
  const remove = (id: string, as = owner) => app.api.delete(`/roles/${id}`, { as });
  const list = (query = '', as = owner) => app.api.get(path(`/roles${query}`), { as });
  const keys = ({ body }: Pick<Answer, 'body'>): string[] => body.data.map((role: { key: string }) => role.key);
  const give = (person: Person, role: string) =>
    app.api.put(path(`/members/${person.id}/role`), { role }, { as: owner });
  const invite = (fields: object, as = owner) =>
    app.api.post(path('/invitations'), { email: newAddress(), role: 'MEMBER', ...fields }, { as });
  const show = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: root })).body;
  const lapse = (id: string) =>
    app.dataSource.query(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);

  /** As invitations would, but at once. */
  const enrol = ({ id }: Person, key: string) =>
    app.dataSource.query(
      `INSERT INTO memberships (organisation_id, user_id, role_id)
       SELECT $1, $2, id FROM roles WHERE organisation_id IS NULL AND scope = 'ORGANISATION' AND key = $3`,
      [acme.id, id, key],
    );

  async function made(fields: object = {}): Promise<{ id: string; key: string }> {
    const { status, body } = await make(fields);
    expect({ status, body }).toMatchObject({ status: 201 });
    return body;
  }

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
    [stranger, owner, admin, member] = await Promise.all([1, 2, 3, 4].map(() => buildUser(app, root)));
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    for (const [person, key] of [
      [owner, 'OWNER'],
      [admin, 'ADMIN'],
      [member, 'MEMBER'],
    ] as const)
      await enrol(person, key);
  });
  afterAll(() => app.stop());

  describe('the list', () => {
    it('has the built-in ones and those of the organisation, by key, in pages', async () => {
      const own = await made();
      const { body: all } = await list('?limit=100&includeTotal=true', member);
      expect(all).toMatchObject({ total: 13, nextCursor: null });
      expect(all.data).toContainEqual({
        id: own.id,
        key: 'support',
        name: 'Support',
        scope: 'ORGANISATION',
        projectKind: null,
        permissions: ['members:read'],
      });
      const ids = all.data.map((role: { id: string }) => role.id);
      expect(keys({ body: all }).join()).toMatch(/ADMIN,ADMIN,EDITOR,.*USER,USER,USER,USER,USER,VIEWER/);
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body }: Answer = await list(`?limit=3${cursor && `&cursor=${cursor}`}`, member);
        seen.push(...body.data.map((role: { id: string }) => role.id));
        cursor = body.nextCursor;
      }
      expect(seen).toEqual(ids);
    });

    it('can be of one scope', async () => {
      await made({ key: 'aide', scope: 'PROJECT', permissions: [] });
      expect(keys(await list('?scope=ORGANISATION')).sort()).toEqual(['ADMIN', 'MEMBER', 'OWNER']);
      const inProjects = await list('?scope=PROJECT');
      expect(keys(inProjects)).toContain('aide');
      expect(new Set(inProjects.body.data.map(({ scope }: { scope: string }) => scope))).toEqual(new Set(['PROJECT']));
      expect((await list('?scope=PLATFORM')).status).toBe(400);
    });

    it('has no role of another organisation', async () => {
      const { id } = await made();
      const other = await buildOrganisation(app, root);
      const { body } = await app.api.get(`/organisations/${other.id}/roles?limit=100`, { as: root });
      expect(body.data.map((role: { id: string }) => role.id)).not.toContain(id);
    });
  });

  describe('who may', () => {
    it('is nobody without a credential, and no stranger', async () => {
      const { id } = await made();
      const outsiders = [stranger, await buildMember(app, root, await buildOrganisation(app, root), { role: 'OWNER' })];
      const requests: [string, string, object?][] = [
        ['GET', path('/roles')],
        ['POST', path('/roles'), { key: 'mine', name: 'Mine', scope: 'ORGANISATION', permissions: [] }],
        ['PATCH', `/roles/${id}`, { name: 'Mine' }],
        ['DELETE', `/roles/${id}`],
      ];
      for (const [method, url, body] of requests) {
        expect((await app.api.send(method, url, body)).status).toBe(401);
        for (const as of outsiders) {
          expect(await app.api.send(method, url, body, { as })).toMatchObject({
            status: 404,
            body: { code: 'not_found' },
          });
        }
      }
      expect((await app.api.get('/permissions')).status).toBe(401);
      expect(keys(await list())).toContain('support');
    });

    it('is no member without the permission', async () => {
      const { id } = await made({ permissions: ['members:read'] });
      expect((await list('', member)).status).toBe(200);
      const refusals = [await make({ key: 'mine' }, member), await change(id, {}, member), await remove(id, member)];
      for (const refused of refusals) expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      await give(member, id);
      expect(await list('', member)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });

    it('is an API key of the organisation, as far as its role goes', async () => {
      const { body } = await app.api.post(path('/api-keys'), { name: 'Import', role: 'ADMIN' }, { as: owner });
      const key = { ...owner, token: body.key as string };
      const { id } = (await make({}, key)).body;
      expect((await change(id, { name: 'Help' }, key)).status).toBe(200);
      expect(await make({ key: 'x', permissions: ['organisation:delete'] }, key)).toMatchObject({
        status: 403,
        body: { code: 'above_ceiling' },
      });
      expect((await remove(id, key)).status).toBe(204);
    });

    it('reads: platform operators, who make none', async () => {
      const { id } = await made();
      const operator = await buildUser(app, root, 'OPERATOR');
      expect((await list('', operator)).status).toBe(200);
      for (const refused of [await make({}, operator), await change(id, {}, operator), await remove(id, operator)])
        expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });

    it('touch a built-in one: nobody', async () => {
      for (const as of [stranger, member, owner, root]) {
        for (const id of [BUILT_IN_EDITOR, BUILT_IN_EDITOR.toUpperCase()]) {
          const refused = { status: 403, body: { code: 'built_in_role', detail: expect.stringContaining('your own') } };
          expect(await change(id, { name: 'Mine' }, as)).toMatchObject(refused);
          expect(await remove(id, as)).toMatchObject(refused);
        }
      }
      expect((await app.api.delete(`/roles/${BUILT_IN_EDITOR}`)).status).toBe(401);
    });

    it('finds what does not exist: nobody', async () => {
      for (const as of [member, owner, root]) {
        expect((await change(randomUUID(), {}, as)).status).toBe(404);
        expect((await remove(randomUUID(), as)).status).toBe(404);
      }
      expect((await remove('support')).status).toBe(400);
    });
  });

  it('lists the permissions that there are, and none of the platform', async () => {
    const { body } = await app.api.get('/permissions', { as: stranger });
    expect(body.data).toContainEqual({ permission: 'roles:manage', scope: 'ORGANISATION' });
    expect(body.data).toContainEqual({ permission: 'project:read', scope: 'PROJECT' });
    expect(body.data).toHaveLength(22);
    expect(JSON.stringify(body)).not.toMatch(/platform:|users:/);
  });

  describe('making one', () => {
    it('answers it, and keeps a record', async () => {
      const fields = {
        key: 'Tier-1_x',
        name: 'Tier 1',
        scope: 'PROJECT',
        projectKind: 'team',
        permissions: ['project:read'],
      };
      const { status, body } = await make(fields);
      expect({ status, body }).toEqual({ status: 201, body: { id: expect.any(String), ...fields } });
      expect(await lastEvent()).toMatchObject({
        action: 'role.created',
        actor_id: owner.id,
        subject_id: body.id,
        after: fields,
      });
    });

    it('happens once for one Idempotency-Key', async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const [first, second] = [await make({}, owner, headers), await make({}, owner, headers)];
      expect(second).toMatchObject({ status: 201, body: first.body });
      expect(keys(await list()).filter((key) => key === 'support')).toHaveLength(1);
    });

    it.each<[string, unknown]>([
      ['nothing', ''],
      ['a digit in front', '1st'],
      ['a space', 'first aid'],
      ['a dot', 'first.aid'],
      ['an accent', 'r\u00F4le'],
      ['the Kelvin sign', '\u212Ain'],
      ['a line break at the end', 'support\n'],
      ['65 characters', 'a'.repeat(65)],
      ['the shape of an id', 'abcdef01-2345-4678-9abc-def012345678'],
      ['the shape of an id in capitals', 'ABCDEF01-2345-0678-0ABC-DEF012345678'],
      ['a number', 5],
      ['null', null],
    ])('refuses a key with or of %s', async (_what, key) => {
      expect(await make({ key })).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/key' }] } });
    });

    it('takes a key of 64 characters, and of one', async () => {
      await made({ key: 'a'.repeat(64) });
      await made({ key: 'Z' });
    });

    it.each<[string, object, string, string]>([
      [
        'unknown permissions, and names them',
        { permissions: ['members:read', 'members:eat'] },
        'permissions',
        'members:eat',
      ],
      ['permissions of the platform', { permissions: ['users:read'] }, 'permissions', 'users:read'],
      ['ownership', { permissions: ['organisation:own'] }, 'permissions', 'organisation:own'],
      ['a permission twice', { permissions: ['members:read', 'members:read'] }, 'permissions', 'once'],
      ['permissions that are no list', { permissions: 'members:read' }, 'permissions', 'array'],
      ['permissions that are no words', { permissions: [5, {}, null] }, 'permissions', 'anything but words'],
      ['no permissions', { permissions: undefined }, 'permissions', 'array'],
      [
        "an organisation's permission in a project role",
        { scope: 'PROJECT', permissions: ['project:read', 'members:read'] },
        'permissions',
        'members:read',
      ],
      ['a kind of project in the organisation', { projectKind: 'team' }, 'projectKind', 'PROJECT'],
      ['a kind that is no word', { scope: 'PROJECT', permissions: [], projectKind: 'My Team' }, 'projectKind', 'word'],
      ['another scope', { scope: 'PLATFORM' }, 'scope', 'scope'],
      ['a name of two lines', { name: 'Sup\nport' }, 'name', 'line'],
      ['an id of its own', { id: randomUUID() }, 'id', 'not a field'],
    ])('refuses %s', async (_what, fields, field, says) => {
      const { status, body } = await make(fields);
      expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ pointer: `#/${field}` }] } });
      expect(body.errors[0].detail).toContain(says);
      expect(keys(await list())).not.toContain('support');
    });

    it('refuses a key that the organisation has in that scope, in any case and whatever the kind', async () => {
      await made({ scope: 'PROJECT', permissions: [] });
      const taken = { status: 409, body: { code: 'role_key_taken' } };
      expect(await make({ key: 'SUPPORT', scope: 'PROJECT', permissions: [] })).toMatchObject(taken);
      expect(await make({ scope: 'PROJECT', projectKind: 'team', permissions: [] })).toMatchObject(taken);
      expect((await make({ scope: 'ORGANISATION' })).status).toBe(201);
    });

    it('refuses the key of a built-in one of that scope', async () => {
      const taken = { status: 409, body: { code: 'role_key_taken' } };
      expect(await make({ key: 'owner' })).toMatchObject(taken);
      expect(await make({ key: 'User', scope: 'PROJECT', permissions: [] })).toMatchObject(taken);
      expect((await make({ key: 'EDITOR' })).status).toBe(201);
    });

    it('leaves the key to other organisations', async () => {
      await made();
      acme = await buildOrganisation(app, root);
      expect((await make({}, root)).status).toBe(201);
    });

    it('gives nothing that its maker does not hold', async () => {
      const above = { status: 403, body: { code: 'above_ceiling' } };
      expect(await make({ permissions: ['organisation:delete'] }, admin)).toMatchObject(above);
      expect((await make({ permissions: ['organisation:delete'] }, owner)).status).toBe(201);
      const { id } = await made({ key: 'clerk', permissions: ['roles:manage', 'members:read', 'project:read'] });
      await give(member, id);
      expect(await make({ key: 'x', permissions: ['members:manage'] }, member)).toMatchObject(above);
      expect(await make({ key: 'x', scope: 'PROJECT', permissions: ['project:update'] }, member)).toMatchObject(above);
      expect((await make({ key: 'x', scope: 'PROJECT', permissions: ['project:read'] }, member)).status).toBe(201);
      const project = await buildProject(app, owner, acme);
      await app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'ADMIN' }, { as: owner });
      expect(await make({ key: 'y', scope: 'PROJECT', permissions: ['project:update'] }, member)).toMatchObject(above);
    });
  });

  describe('changing one', () => {
    it('changes what is given, under an id in any case, and keeps a record', async () => {
      const { id } = await made();
      const renamed = await change(id.toUpperCase(), { name: 'Help' });
      expect(renamed).toMatchObject({ status: 200, body: { id, name: 'Help', permissions: ['members:read'] } });
      expect((await change(id, { permissions: ['roles:read'] })).body).toMatchObject({ key: 'support', name: 'Help' });
      expect(await lastEvent()).toMatchObject({
        action: 'role.updated',
        subject_id: id,
        before: { name: 'Help', permissions: ['members:read'] },
        after: { name: 'Help', permissions: ['roles:read'] },
      });
    });

    it.each<[string, object, string]>([
      ['unknown permissions', { permissions: ['members:eat'] }, 'permissions'],
      ['ownership', { permissions: ['organisation:own'] }, 'permissions'],
      ["an organisation's permission in a project role", { permissions: ['members:read'] }, 'permissions'],
      ['permissions of null', { permissions: null }, 'permissions'],
      ['a name of null', { name: null }, 'name'],
      ['another key', { key: 'other' }, 'key'],
      ['another scope', { scope: 'ORGANISATION' }, 'scope'],
    ])('refuses %s', async (_what, changes, field) => {
      const { id } = await made({ scope: 'PROJECT', permissions: ['project:read'] });
      const refused = await change(id, changes);
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: `#/${field}` }] } });
      expect((await list('?scope=PROJECT')).body.data).toContainEqual(
        expect.objectContaining({ id, name: 'Support', permissions: ['project:read'] }),
      );
    });

    it('needs both what the role holds and what it is to hold', async () => {
      const above = { status: 403, body: { code: 'above_ceiling' } };
      const high = await made({ permissions: ['organisation:delete', 'members:read'] });
      expect(await change(high.id, { permissions: ['members:read'] }, admin)).toMatchObject(above);
      expect(await change(high.id, { name: 'Mine' }, admin)).toMatchObject(above);
      const low = await made({ key: 'low' });
      expect(await change(low.id, { permissions: ['organisation:delete'] }, admin)).toMatchObject(above);
      expect((await change(low.id, { permissions: ['members:manage'] }, admin)).status).toBe(200);
    });

    it('never lets anybody raise themselves', async () => {
      const { id } = await made({ permissions: ['roles:manage', 'members:read'] });
      await give(member, id);
      const above = { status: 403, body: { code: 'above_ceiling' } };
      expect(await change(id, { permissions: ['roles:manage', 'members:read', 'keys:manage'] }, member)).toMatchObject(
        above,
      );
      expect((await change(id, { permissions: ['roles:manage'] }, member)).status).toBe(200);
      expect(await change(id, { permissions: ['roles:manage', 'members:read'] }, member)).toMatchObject(above);
    });

    it('takes effect on the next request of whoever holds the role', async () => {
      const { id } = await made({ permissions: ['organisation:read'] });
      await give(member, id);
      expect((await app.api.get(path('/invitations'), { as: member })).status).toBe(403);
      await change(id, { permissions: ['organisation:read', 'invitations:read'] });
      expect((await app.api.get(path('/invitations'), { as: member })).status).toBe(200);
      await change(id, { permissions: ['organisation:read'] });
      expect((await app.api.get(path('/invitations'), { as: member })).status).toBe(403);
    });

    it('withdraws no invitation, but lets nobody in whom the inviter could not invite any more', async () => {
      const inviting = ['organisation:read', 'members:read', 'roles:read', 'invitations:manage'];
      const { id } = await made({ permissions: inviting });
      await give(member, id);
      const { body } = await invite({}, member);
      const token = await app.inbox.token(body.email);
      await change(id, { permissions: ['organisation:read', 'members:read', 'roles:read'] });
      expect((await show(body.id)).status).toBe('PENDING');
      const accept = () => app.api.post('/invitations/accept', { token, password: PASSWORD });
      expect(await accept()).toMatchObject({ status: 410, body: { code: 'invitation_closed' } });
      await change(id, { permissions: inviting });
      expect((await accept()).status).toBe(200);
    });

    it('lets nobody in with more than the inviter holds when the granted role was raised', async () => {
      const { id } = await made();
      const { body } = await invite({ role: 'support' }, admin);
      const token = await app.inbox.token(body.email);
      await change(id, { permissions: ['members:read', 'organisation:delete'] });
      expect((await app.api.post('/invitations/accept', { token, password: PASSWORD })).status).toBe(410);
    });
  });

  describe('giving one', () => {
    it('works by key in any case, and by id', async () => {
      const { id } = await made({ key: 'Support' });
      expect((await give(member, 'sUPPORT')).body.role).toEqual({ id, key: 'Support', name: 'Support' });
      expect((await give(member, id.toUpperCase())).body.role.id).toBe(id);
      const { body } = await invite({ role: 'support' });
      const kim = await join(app, body.email, 1);
      expect((await app.api.get(path(`/members/${kim.id}`), { as: owner })).body.role.id).toBe(id);
    });

    it('is for its scope and kind alone, and for its organisation', async () => {
      const { id } = await made({ key: 'lead', scope: 'PROJECT', projectKind: 'team', permissions: ['project:read'] });
      const team = await buildProject(app, owner, acme, { kind: 'team' });
      const project = await buildProject(app, owner, acme);
      const add = (to: { id: string }, role: string) =>
        app.api.post(`/projects/${to.id}/members`, { userId: member.id, role }, { as: owner });
      const unknown = { status: 404, body: { code: 'role_not_found' } };
      expect(await add(project, id)).toMatchObject(unknown);
      expect(await give(member, id)).toMatchObject(unknown);
      expect((await add(team, 'lead')).body.role.id).toBe(id);
      const other = await buildOrganisation(app, root);
      const elsewhere = await buildProject(app, root, other, { kind: 'team' });
      const invited = { email: newAddress(), role: id };
      expect(await app.api.post(`/projects/${elsewhere.id}/invitations`, invited, { as: root })).toMatchObject(unknown);
    });
  });

  describe('deleting one', () => {
    it('ends it: not listed, not found, not given, and its key is free', async () => {
      const { id } = await made();
      expect((await remove(id.toUpperCase())).status).toBe(204);
      expect(keys(await list())).not.toContain('support');
      expect((await change(id, { name: 'Back' })).status).toBe(404);
      expect((await remove(id)).status).toBe(404);
      for (const name of [id, 'support']) {
        expect(await give(member, name)).toMatchObject({ status: 404, body: { code: 'role_not_found' } });
        expect(await invite({ role: name })).toMatchObject({ status: 404, body: { code: 'role_not_found' } });
      }
      const again = await made();
      expect((await give(member, 'support')).body.role.id).toBe(again.id);
    });

    it('keeps a record', async () => {
      const { id } = await made();
      await remove(id);
      expect(await lastEvent()).toMatchObject({
        action: 'role.deleted',
        actor_id: owner.id,
        subject_id: id,
        before: { key: 'support', permissions: ['members:read'] },
      });
    });

    it('needs everything that it holds', async () => {
      const { id } = await made({ permissions: ['organisation:delete'] });
      expect(await remove(id, admin)).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
      expect((await remove(id, owner)).status).toBe(204);
    });

    it('is refused while members hold it or open invitations give it, and says how many', async () => {
      const { id } = await made();
      const inUse = (uses: object) => ({
        status: 409,
        body: { code: 'role_in_use', members: 0, projectMembers: 0, invitations: 0, apiKeys: 0, ...uses },
      });
      await give(member, id);
      const { body } = await invite({ role: id });
      await invite({ role: id });
      expect(await remove(id)).toMatchObject(inUse({ members: 1, invitations: 2 }));
      await app.api.put(path(`/members/${member.id}/status`), { status: 'SUSPENDED' }, { as: owner });
      await lapse(body.id);
      expect(await remove(id)).toMatchObject(inUse({ members: 1, invitations: 1 }));
      expect(keys(await list())).toContain('support');
    });

    it('counts project members and the project grants of invitations, each invitation once', async () => {
      const { id } = await made({ scope: 'PROJECT', permissions: ['project:read'] });
      const [a, b] = [await buildProject(app, owner, acme), await buildProject(app, owner, acme)];
      await app.api.post(`/projects/${a.id}/members`, { userId: member.id, role: id }, { as: owner });
      await app.api.post(`/projects/${b.id}/members`, { userId: member.id, role: id }, { as: owner });
      const projects = [a, b].map((project) => ({ projectId: project.id, role: 'support' }));
      const { body } = await invite({ projects });
      const uses = { members: 0, projectMembers: 2, invitations: 1, apiKeys: 0 };
      expect(await remove(id)).toMatchObject({ status: 409, body: { code: 'role_in_use', ...uses } });
      const kim = await join(app, body.email, 1);
      expect((await remove(id)).body).toMatchObject({ ...uses, projectMembers: 4, invitations: 0 });
      await app.api.delete(path(`/members/${member.id}`), { as: owner });
      await app.api.delete(path(`/members/${kim.id}`), { as: owner });
      expect((await remove(id)).status).toBe(204);
    });

    it('is refused while an API key holds it that was not revoked', async () => {
      const { id } = await made();
      const { body } = await app.api.post(path('/api-keys'), { name: 'Import', role: id }, { as: owner });
      expect(await remove(id)).toMatchObject({ status: 409, body: { code: 'role_in_use', apiKeys: 1, members: 0 } });
      expect((await app.api.delete(path(`/api-keys/${body.id}`), { as: owner })).status).toBe(204);
      expect((await remove(id)).status).toBe(204);
    });

    it('leaves ended invitations showing it', async () => {
      const { id } = await made();
      const project = await made({ key: 'aide', scope: 'PROJECT', permissions: ['project:read'] });
      const website = await buildProject(app, owner, acme);
      const { body } = await invite({ role: id, projects: [{ projectId: website.id, role: 'aide' }] });
      await app.api.delete(`/invitations/${body.id}`, { as: owner });
      await remove(id);
      await remove(project.id);
      const role = { id, key: 'support', name: 'Support' };
      expect(await show(body.id)).toMatchObject({ status: 'REVOKED', role, projects: [{ role: { key: 'aide' } }] });
      for (const name of ['support', 'aide', id.toUpperCase()]) {
        const { body: page } = await app.api.get(path(`/invitations?role=${name}`), { as: owner });
        expect(page.data).toMatchObject([{ id: body.id, role }]);
      }
      const ended = { status: 409, body: { code: 'invitation_not_pending' } };
      expect(await app.api.post(`/invitations/${body.id}/resend`, {}, { as: owner })).toMatchObject(ended);
      expect(await app.api.patch(`/invitations/${body.id}`, { givenName: 'Kim' }, { as: owner })).toMatchObject(ended);
    });

    it('keeps a lapsed invitation to it from coming back to life', async () => {
      const { id } = await made();
      const project = await made({ key: 'aide', scope: 'PROJECT', permissions: ['project:read'] });
      const website = await buildProject(app, owner, acme);
      const withRole = (await invite({ role: id })).body;
      const withProject = (await invite({ projects: [{ projectId: website.id, role: 'aide' }] })).body;
      const mails = [await app.inbox.token(withRole.email), await app.inbox.token(withProject.email)];
      expect(mails).toHaveLength(2);
      for (const invitation of [withRole, withProject]) await lapse(invitation.id);
      expect([(await remove(id)).status, (await remove(project.id)).status]).toEqual([204, 204]);
      for (const invitation of [withRole, withProject]) {
        const before = await show(invitation.id);
        const gone = { status: 404, body: { code: 'role_not_found' } };
        expect(await app.api.post(`/invitations/${invitation.id}/resend`, {}, { as: owner })).toMatchObject(gone);
        expect(
          await app.api.patch(`/invitations/${invitation.id}`, { expiresInHours: 5 }, { as: owner }),
        ).toMatchObject(gone);
        expect(await show(invitation.id)).toEqual(before);
        expect(before.status).toBe('EXPIRED');
        expect(app.inbox.to(invitation.email)).toHaveLength(1);
      }
      const revived = await app.api.patch(`/invitations/${withRole.id}`, { role: 'MEMBER' }, { as: owner });
      expect(revived).toMatchObject({ status: 200, body: { status: 'PENDING', role: { key: 'MEMBER' } } });
    });

    it('goes with its organisation, in use or not', async () => {
      const { id } = await made();
      await give(member, id);
      await invite({ role: id });
      expect((await app.api.delete(path(), { as: owner })).status).toBe(204);
      expect(await app.dataSource.query('SELECT 1 FROM roles WHERE id = $1', [id])).toEqual([]);
    });
  });

  async function lastEvent(): Promise<object> {
    const [event]: object[] = await app.dataSource.query(
      'SELECT * FROM audit_events WHERE tenant_id = $1 ORDER BY at DESC, id DESC LIMIT 1',
      [acme.id],
    );
    return event;
  }
});
