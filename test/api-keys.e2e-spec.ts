import { randomBytes } from 'node:crypto';
import { startApp, startInstance, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signIn,
  signInAdmin,
} from './support/factories.js';

/** A key as its maker gets it. */
interface MadeKey {
  id: string;
  key: string;
  prefix: string;
}

describe('API keys', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let admin: Person;

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const invitation = () => ({ email: newAddress(), role: 'MEMBER' });
  const make = async (as: Person | string, where: string, fields: object): Promise<MadeKey> => {
    const { status, body } = await app.api.post(where, { name: 'A key', ...fields }, { as });
    expect([status, body.code]).toEqual([201, undefined]);
    return body;
  };
  const ofAcme = (as: Person | string, role: string) => make(as, path('/api-keys'), { role });
  const ofPlatform = (platformRole: string) => make(root, '/platform/api-keys', { platformRole });
  const personal = (as: Person) => make(as, '/me/api-keys', {});
  const statusOf = async (as: string, where = path()) => (await app.api.get(where, { as })).status;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
    admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
  });
  afterAll(() => app.stop());

  describe('of any kind', () => {
    it('are shown once, and stored as a hash', async () => {
      const made = await ofAcme(owner, 'MEMBER');
      expect(made.key).toMatch(/^ush_[\w-]{49}$/);
      const { body } = await app.api.get(path('/api-keys'), { as: owner });
      expect(body.data).toEqual([
        {
          id: made.id,
          name: 'A key',
          prefix: made.key.slice(0, 10),
          role: expect.objectContaining({ key: 'MEMBER' }),
          platformRole: null,
          createdBy: { type: 'user', id: owner.id, name: 'Kim Lee' },
          createdAt: expect.any(String),
          lastUsedAt: null,
          expiresAt: null,
        },
      ]);
      const rows: object[] = await app.dataSource.query('SELECT * FROM api_keys, audit_events');
      expect(JSON.stringify(rows)).not.toContain(made.key.slice(10));
    });

    it('are refused with a wrong checksum, as others, and as the other word', async () => {
      const { key } = await ofAcme(owner, 'MEMBER');
      const other = randomBytes(32).toString('base64url');
      expect(await statusOf(key)).toBe(200);
      expect(await statusOf(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).toBe(401);
      expect(await statusOf(`ush_${other}${key.slice(-6)}`)).toBe(401);
      expect(await statusOf(key.replace('ush_', 'uss_').slice(0, 47))).toBe(401);
      const byToken = await app.api.get(path(), { headers: { Authorization: `Token ${key}` } });
      expect(byToken.status).toBe(200);
    });

    it('say when they were last used, to the minute', async () => {
      const { id, key } = await ofAcme(owner, 'MEMBER');
      const lastUse = async () => (await app.api.get(path('/api-keys'), { as: owner })).body.data[0].lastUsedAt;
      expect(await lastUse()).toBeNull();
      await statusOf(key);
      const first = await lastUse();
      expect(first).not.toBeNull();
      await statusOf(key);
      expect(await lastUse()).toBe(first);
      await app.dataSource.query(`UPDATE api_keys SET last_used_at = now() - interval '61 seconds' WHERE id = $1`, [
        id,
      ]);
      await statusOf(key);
      expect(Date.parse((await lastUse()) as string)).toBeGreaterThanOrEqual(Date.parse(first as string));
    });

    it('expire by the clock of the database, and may not begin expired', async () => {
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      const { id, key } = await make(owner, path('/api-keys'), { role: 'MEMBER', expiresAt });
      expect(await statusOf(key)).toBe(200);
      await app.dataSource.query('UPDATE api_keys SET expires_at = now() WHERE id = $1', [id]);
      expect(await statusOf(key)).toBe(401);
      for (const wrong of [new Date(Date.now() - 1000).toISOString(), 'tomorrow', null]) {
        const refused = await app.api.post(
          path('/api-keys'),
          { name: 'A key', role: 'MEMBER', expiresAt: wrong },
          { as: owner },
        );
        expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/expiresAt' }] } });
      }
    });

    it('are refused on every replica as soon as they are revoked', async () => {
      const second = app.database.environment.DATABASE_URL ? await startInstance(app.environment) : null;
      const { id, key } = await ofAcme(owner, 'MEMBER');
      expect(await statusOf(key)).toBe(200);
      expect((await app.api.delete(path(`/api-keys/${id}`), { as: owner })).status).toBe(204);
      expect(await statusOf(key)).toBe(401);
      if (second) expect((await second.api.get(path(), { as: key })).status).toBe(401);
      await second?.nest.close();
      expect((await app.api.get(path('/api-keys'), { as: owner })).body.data).toEqual([]);
      expect((await app.api.delete(path(`/api-keys/${id}`), { as: owner })).status).toBe(404);
    });

    it('cannot do what a person must have signed in for', async () => {
      const token = 'x'.repeat(43);
      const keys = [await ofAcme(owner, 'ADMIN'), await ofPlatform('ADMIN'), await personal(owner)];
      for (const { key } of keys) {
        const refused = [
          await app.api.post('/auth/sign-out', {}, { as: key }),
          await app.api.put('/me/password', { currentPassword: PASSWORD, newPassword: 'another one' }, { as: key }),
          await app.api.get('/me/api-keys', { as: key }),
          await app.api.post('/me/api-keys', { name: 'More' }, { as: key }),
          await app.api.post('/invitations/accept', { token }, { as: key }),
          await app.api.post('/invitations/decline', { token }, { as: key }),
        ];
        for (const answer of refused) expect(answer).toMatchObject({ status: 403, body: { code: 'session_required' } });
      }
    });
  });

  describe('of an organisation', () => {
    it('hold one role there, and are strangers elsewhere', async () => {
      const { key } = await ofAcme(owner, 'ADMIN');
      const elsewhere = await buildOrganisation(app, root);
      expect((await app.api.post(path('/invitations'), invitation(), { as: key })).status).toBe(201);
      expect((await app.api.delete(path(), { as: key })).status).toBe(403);
      expect(await statusOf(key, `/organisations/${elsewhere.id}`)).toBe(404);
      expect(await statusOf(key, '/users')).toBe(403);
      expect(await app.api.get('/me', { as: key })).toMatchObject({ status: 403, body: { code: 'session_required' } });
      const { body } = await app.api.get('/organisations', { as: key });
      expect(body.data.map(({ id }: { id: string }) => id)).toEqual([acme.id]);
    });

    it('read the projects that their role lets them read', async () => {
      const project = await buildProject(app, owner, acme);
      const [high, low] = [await ofAcme(owner, 'ADMIN'), await ofAcme(owner, 'MEMBER')];
      const ids = async (as: string) =>
        (await app.api.get(path('/projects'), { as })).body.data.map(({ id }: { id: string }) => id);
      expect([await ids(high.key), await ids(low.key)]).toEqual([[project.id], []]);
      expect([
        await statusOf(high.key, `/projects/${project.id}`),
        await statusOf(low.key, `/projects/${project.id}`),
      ]).toEqual([200, 403]);
    });

    it('are never above their maker, be it a person or a key', async () => {
      const tooHigh = { name: 'A key', role: 'OWNER' };
      const adminKey = await ofAcme(admin, 'ADMIN');
      for (const as of [admin, adminKey.key]) {
        const refused = await app.api.post(path('/api-keys'), tooHigh, { as });
        expect(refused).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
      }
      const child = await ofAcme(adminKey.key, 'MEMBER');
      const { body } = await app.api.get(path('/api-keys'), { as: owner });
      const shown = body.data.find(({ id }: { id: string }) => id === child.id);
      expect(shown.createdBy).toEqual({ type: 'api_key', id: adminKey.id, name: 'A key' });
      expect((await app.api.post(path('/api-keys'), tooHigh, { as: child.key })).status).toBe(403);
      const unknown = await app.api.post(path('/api-keys'), { name: 'A key', role: 'NOBODY' }, { as: owner });
      expect(unknown).toMatchObject({ status: 404, body: { code: 'role_not_found' } });
    });

    it('that hold more than an admin are not theirs to revoke', async () => {
      const { id } = await ofAcme(owner, 'OWNER');
      const refused = await app.api.delete(path(`/api-keys/${id}`), { as: admin });
      expect(refused).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
    });

    it('outlive their maker, unless they are to go as well', async () => {
      const [stays, goes] = [await ofAcme(admin, 'MEMBER'), await ofAcme(admin, 'MEMBER')];
      await app.api.delete(path(`/members/${admin.id}`), { as: owner });
      expect(await statusOf(stays.key)).toBe(200);
      const second = await buildMember(app, owner, acme, { role: 'ADMIN' });
      const theirs = await ofAcme(second, 'MEMBER');
      expect((await app.api.delete(path(`/members/${second.id}?revokeKeys=yes`), { as: owner })).status).toBe(400);
      expect((await app.api.delete(path(`/members/${second.id}?revokeKeys=true`), { as: owner })).status).toBe(204);
      expect([await statusOf(theirs.key), await statusOf(goes.key)]).toEqual([401, 200]);
    });

    it('are refused while the organisation is suspended, and gone with it', async () => {
      const { key } = await ofAcme(owner, 'ADMIN');
      await app.dataSource.query(`UPDATE organisations SET status = 'SUSPENDED' WHERE id = $1`, [acme.id]);
      expect(await app.api.get(path(), { as: key })).toMatchObject({
        status: 403,
        body: { code: 'organisation_suspended' },
      });
      await app.api.delete(path(), { as: root });
      expect(await statusOf(key)).toBe(401);
    });

    it('are not found under another organisation', async () => {
      const { id } = await ofAcme(owner, 'MEMBER');
      const elsewhere = await buildOrganisation(app, root);
      expect((await app.api.delete(`/organisations/${elsewhere.id}/api-keys/${id}`, { as: root })).status).toBe(404);
    });
  });

  describe('that invite', () => {
    it('answer for the invitation, without telling the person invited their name', async () => {
      const { id, key } = await ofAcme(owner, 'ADMIN');
      const { body } = await app.api.post(path('/invitations'), invitation(), { as: key });
      expect(body.invitedBy).toEqual({ type: 'api_key', id, name: 'A key' });
      const mail = await app.inbox.newest(body.email as string);
      expect(mail.subject).toBe(`You've been invited to ${acme.name}`);
      const token = await app.inbox.token(body.email as string);
      expect((await app.api.post('/invitations/lookup', { token })).body.invitedBy).toBeNull();
      const accepted = await app.api.post('/invitations/accept', { token, password: PASSWORD });
      expect(accepted.body.memberships).toMatchObject([{ role: { key: 'MEMBER' } }]);
    });

    it('leave their open invitations valid when they are revoked, judged by their role', async () => {
      const { id, key } = await ofAcme(owner, 'ADMIN');
      const { body } = await app.api.post(path('/invitations'), invitation(), { as: key });
      const token = await app.inbox.token(body.email as string);
      await app.api.delete(path(`/api-keys/${id}`), { as: owner });
      expect((await app.api.post('/invitations/accept', { token, password: PASSWORD })).status).toBe(200);
    });

    it('take their open invitations with them if that is wanted', async () => {
      const { id, key } = await ofAcme(owner, 'ADMIN');
      const { body } = await app.api.post(path('/invitations'), invitation(), { as: key });
      await app.api.delete(path(`/api-keys/${id}?withdrawInvitations=true`), { as: owner });
      const after = await app.api.get(`/invitations/${body.id}`, { as: owner });
      expect(after.body).toMatchObject({ status: 'REVOKED', revokedReason: 'key_revoked' });
    });

    it('are under the ceiling of their role', async () => {
      const { key } = await ofAcme(owner, 'ADMIN');
      const refused = await app.api.post(path('/invitations'), { ...invitation(), role: 'OWNER' }, { as: key });
      expect(refused).toMatchObject({ status: 403, body: { code: 'above_ceiling' } });
    });

    it('are told apart in idempotent requests and in the audit', async () => {
      const [one, two] = [await ofAcme(owner, 'ADMIN'), await ofAcme(owner, 'ADMIN')];
      const headers = { 'Idempotency-Key': 'the-same' };
      const first = await app.api.post(path('/invitations'), invitation(), { as: one.key, headers });
      const other = await app.api.post(path('/invitations'), invitation(), { as: two.key, headers });
      expect([first.status, other.status]).toEqual([201, 201]);
      const events: { actor_type: string; actor_id: string }[] = await app.dataSource.query(
        `SELECT * FROM audit_events WHERE tenant_id = $1 AND action = 'invitation.created' AND actor_type = 'api_key' ORDER BY at, id`,
        [acme.id],
      );
      expect(events.map(({ actor_id }) => actor_id)).toEqual([one.id, two.id]);
    });
  });

  describe('of the platform', () => {
    it('hold a platform role everywhere', async () => {
      const [high, low] = [await ofPlatform('ADMIN'), await ofPlatform('OPERATOR')];
      expect((await app.api.patch(path(), { name: 'Renamed' }, { as: high.key })).status).toBe(200);
      expect((await app.api.patch(path(), { name: 'Renamed' }, { as: low.key })).status).toBe(403);
      expect([await statusOf(low.key), await statusOf(low.key, '/users')]).toEqual([200, 200]);
      expect((await app.api.get('/organisations', { as: low.key })).body.data.length).toBeGreaterThan(0);
    });

    it('are made and seen by platform admins alone', async () => {
      const operator = await buildUser(app, root, 'OPERATOR');
      const low = await ofPlatform('OPERATOR');
      const key = { name: 'A key', platformRole: 'OPERATOR' };
      for (const as of [owner, operator, low.key]) {
        expect((await app.api.post('/platform/api-keys', key, { as })).status).toBe(403);
        expect((await app.api.get('/platform/api-keys', { as })).status).toBe(403);
        expect((await app.api.delete(`/platform/api-keys/${low.id}`, { as })).status).toBe(403);
      }
    });

    it('create organisations for an owner whom they name', async () => {
      const { key } = await ofPlatform('ADMIN');
      const unnamed = await app.api.post('/organisations', { name: 'New' }, { as: key });
      expect(unnamed).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/ownerEmail' }] } });
      const ownerEmail = newAddress();
      const created = await app.api.post('/organisations', { name: 'New', ownerEmail }, { as: key });
      expect(created.status).toBe(201);
      const joined = `SELECT 1 FROM audit_events WHERE tenant_id = $1 AND action = 'member.joined'`;
      expect(await app.dataSource.query(joined, [created.body.id])).toEqual([]);
      const token = await app.inbox.token(ownerEmail);
      const accepted = await app.api.post('/invitations/accept', { token, password: PASSWORD });
      expect(accepted.body.memberships).toMatchObject([
        { role: { key: 'OWNER' }, organisation: { id: created.body.id } },
      ]);
      const { key: low } = await ofPlatform('OPERATOR');
      expect((await app.api.post('/organisations', { name: 'New', ownerEmail }, { as: low })).status).toBe(403);
      const { key: acmes } = await ofAcme(owner, 'OWNER');
      expect((await app.api.post('/organisations', { name: 'New', ownerEmail }, { as: acmes })).status).toBe(403);
    });

    it('manage people', async () => {
      const { key } = await ofPlatform('ADMIN');
      const person = await buildUser(app, root);
      expect((await app.api.patch(`/users/${person.id}`, { status: 'SUSPENDED' }, { as: key })).status).toBe(200);
      expect(await statusOf(person.token, '/me')).toBe(401);
      expect((await app.api.delete(`/users/${person.id}`, { as: key })).status).toBe(204);
    });
  });

  describe('of a person', () => {
    it('act as their owner wherever they are a member, never with more', async () => {
      const { key } = await personal(admin);
      const { body: me } = await app.api.get('/me', { as: key });
      expect(me.id).toBe(admin.id);
      expect((await app.api.get('/me/memberships', { as: key })).body.data).toHaveLength(1);
      const created = await app.api.post(path('/invitations'), invitation(), { as: key });
      expect(created.body.invitedBy).toMatchObject({ type: 'user', id: admin.id });
      await app.api.put(path(`/members/${admin.id}/role`), { role: 'MEMBER' }, { as: owner });
      expect((await app.api.post(path('/invitations'), invitation(), { as: key })).status).toBe(403);
      await app.api.delete(path(`/members/${admin.id}`), { as: owner });
      expect(await statusOf(key)).toBe(404);
    });

    it('cannot answer invitations for them', async () => {
      const { key } = await personal(admin);
      const elsewhere = await buildOrganisation(app, root);
      const toThem = { email: admin.email, role: 'MEMBER' };
      await app.api.post(`/organisations/${elsewhere.id}/invitations`, toThem, { as: root });
      const { body } = await app.api.get('/me/invitations', { as: key });
      const { id } = body.data[0];
      for (const answer of ['accept', 'decline']) {
        const refused = await app.api.post(`/me/invitations/${id}/${answer}`, {}, { as: key });
        expect(refused).toMatchObject({ status: 403, body: { code: 'session_required' } });
      }
    });

    it('are seen and revoked by their owner alone', async () => {
      const { id, key } = await personal(admin);
      expect((await app.api.get('/me/api-keys', { as: owner })).body.data).toEqual([]);
      expect((await app.api.delete(`/me/api-keys/${id}`, { as: owner })).status).toBe(404);
      expect((await app.api.delete(`/me/api-keys/${id}`, { as: admin })).status).toBe(204);
      expect(await statusOf(key)).toBe(401);
    });

    it('end when the password changes, is reset, or the account goes', async () => {
      const changed = await personal(admin);
      const passwords = { currentPassword: PASSWORD, newPassword: 'purple monkey dishwasher' };
      expect((await app.api.put('/me/password', passwords, { as: admin })).status).toBe(204);
      expect(await statusOf(changed.key)).toBe(401);

      const reset = await personal(admin);
      await app.api.post('/auth/password-resets', { email: admin.email });
      const token = await app.inbox.token(admin.email, 2);
      expect((await app.api.post('/auth/password-resets/confirm', { token, password: PASSWORD })).status).toBe(204);
      expect(await statusOf(reset.key)).toBe(401);

      const again = await signIn(app, admin.email);
      const erased = await personal(again);
      await app.api.delete(`/users/${admin.id}`, { as: root });
      expect(await statusOf(erased.key)).toBe(401);
    });

    it('end when the account is suspended, and stay ended when it comes back', async () => {
      const { key } = await personal(admin);
      await app.api.patch(`/users/${admin.id}`, { status: 'SUSPENDED' }, { as: root });
      expect(await statusOf(key)).toBe(401);
      await app.api.patch(`/users/${admin.id}`, { status: 'ACTIVE' }, { as: root });
      expect(await statusOf(key)).toBe(401);
    });
  });

  it('leave an event when they are made and revoked, without the key', async () => {
    const { id, key } = await ofAcme(owner, 'MEMBER');
    await app.api.delete(path(`/api-keys/${id}`), { as: owner });
    await eventually(async () => {
      const events: { action: string }[] = await app.dataSource.query(
        'SELECT * FROM audit_events WHERE subject_id = $1 ORDER BY at, id',
        [id],
      );
      expect(events.map(({ action }) => action)).toEqual(['api_key.created', 'api_key.revoked']);
      expect(JSON.stringify(events)).not.toContain(key);
    });
  });
});
