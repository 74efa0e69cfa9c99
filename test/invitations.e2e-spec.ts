import { startApp, type TestApp } from './support/app.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  join,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';

describe('an invitation', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  const invite = (fields: object = {}, as = owner) =>
    app.api.post(`/organisations/${acme.id}/invitations`, { email: newAddress(), role: 'MEMBER', ...fields }, { as });
  const lapse = (id: string) =>
    app.dataSource.query(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
  const get = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body;

  beforeAll(async () => {
    app = await startApp();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  describe('is created', () => {
    it('with grants in projects, and its mail lets the person into all of them', async () => {
      const email = newAddress('kim');
      const project = await buildProject(app, owner, acme);
      const projects = [{ projectId: project.id, role: 'EDITOR' }];
      const created = await invite({ email, projects, message: 'Welcome aboard', metadata: { ticket: 7 } });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({
        type: 'ORGANISATION',
        status: 'PENDING',
        email,
        organisation: { id: acme.id, shortId: acme.shortId },
        role: { key: 'MEMBER' },
        projects: [{ projectId: project.id, role: { key: 'EDITOR' } }],
        invitedBy: { type: 'user', id: owner.id },
        metadata: { ticket: 7 },
        sendCount: 1,
        platformRole: null,
        acceptedAt: null,
      });
      expect(created.body).not.toHaveProperty('link');

      const token = await app.inbox.token(email);
      const acceptance = { token, givenName: 'Kim', familyName: 'Lee', password: PASSWORD };
      const accepted = await app.api.post('/invitations/accept', acceptance);
      expect(accepted.status).toBe(200);
      expect(accepted.body.memberships).toMatchObject([
        {
          organisation: { id: acme.id, shortId: acme.shortId, name: acme.name },
          role: { key: 'MEMBER' },
          status: 'ACTIVE',
          projects: [{ projectId: project.id, role: { key: 'EDITOR' } }],
        },
      ]);
      const me = await app.api.get('/me', { as: accepted.body.session });
      expect(me.body).toMatchObject({ email, emailVerified: true, givenName: 'Kim', platformRole: 'MEMBER' });
      expect(await get(created.body.id)).toMatchObject({
        status: 'ACCEPTED',
        delivery: { status: 'SENT', attempts: 1 },
      });
    });

    it('in a project, and makes its guest a member of the organisation too', async () => {
      const project = await buildProject(app, owner, acme, { kind: 'team' });
      const email = newAddress();
      const created = await app.api.post(
        `/projects/${project.id}/invitations`,
        { email, role: 'MEMBER' },
        { as: owner },
      );
      expect(created.body).toMatchObject({ type: 'PROJECT', role: null, projects: [{ projectId: project.id }] });
      const guest = await join(app, email, 1);
      const { body } = await app.api.get('/me/memberships', { as: guest });
      expect(body.data).toMatchObject([
        { role: { key: 'MEMBER' }, projects: [{ projectId: project.id, role: { key: 'MEMBER' } }] },
      ]);
    });

    it('for the platform, and makes its guest one of its staff', async () => {
      const email = newAddress();
      const created = await app.api.post('/platform/invitations', { email, platformRole: 'OPERATOR' }, { as: owner });
      expect(created.body).toMatchObject({
        type: 'PLATFORM',
        organisation: null,
        inviteeId: null,
        platformRole: 'OPERATOR',
      });
      const token = await app.inbox.token(email);
      const accepted = await app.api.post('/invitations/accept', { token, password: PASSWORD });
      expect(accepted.body.memberships).toEqual([]);
      const me = await app.api.get('/me', { as: accepted.body.session });
      expect(me.body.platformRole).toBe('OPERATOR');
    });

    it('with the same inviteeId for the same address in one organisation only', async () => {
      const email = newAddress();
      const project = await buildProject(app, owner, acme);
      const other = await buildOrganisation(app, owner);
      const first = await invite({ email });
      const second = await app.api.post(
        `/projects/${project.id}/invitations`,
        { email, role: 'VIEWER' },
        { as: owner },
      );
      const third = await app.api.post(
        `/organisations/${other.id}/invitations`,
        { email, role: 'MEMBER' },
        { as: owner },
      );
      expect(second.body.inviteeId).toBe(first.body.inviteeId);
      expect(third.body.inviteeId).not.toBe(first.body.inviteeId);
    });

    it('with an expiry from the request, the organisation or the platform', async () => {
      const hours = ({ expiresAt, createdAt }: { expiresAt: string; createdAt: string }) =>
        (Date.parse(expiresAt) - Date.parse(createdAt)) / 3_600_000;
      expect(hours((await invite()).body)).toBe(168);
      expect(hours((await invite({ expiresInHours: 1 })).body)).toBe(1);
      const other = await buildOrganisation(app, owner);
      await app.api.patch(`/organisations/${other.id}`, { settings: { invitationExpiryHours: 24 } }, { as: owner });
      const { body } = await app.api.post(
        `/organisations/${other.id}/invitations`,
        { email: newAddress(), role: 'MEMBER' },
        { as: owner },
      );
      expect(hours(body)).toBe(24);
    });

    it('under the short id of the organisation as well', async () => {
      const { status } = await app.api.post(
        `/organisations/${acme.shortId}/invitations`,
        { email: newAddress(), role: 'ADMIN' },
        { as: owner },
      );
      expect(status).toBe(201);
    });

    it('once for an address and place, in any case of letters', async () => {
      const email = newAddress();
      const first = await invite({ email });
      const second = await invite({ email: email.toUpperCase() });
      expect(second).toMatchObject({ status: 409, body: { code: 'invitation_pending', invitationId: first.body.id } });
    });

    it('anew when the one before has lapsed, which is stored as EXPIRED then', async () => {
      const email = newAddress();
      const first = await invite({ email });
      await lapse(first.body.id);
      expect((await get(first.body.id)).status).toBe('EXPIRED');
      const second = await invite({ email });
      expect(second.status).toBe(201);
      const [{ status }] = await app.dataSource.query('SELECT status FROM invitations WHERE id = $1', [first.body.id]);
      expect(status).toBe('EXPIRED');
    });

    it('not for somebody who has all of it already', async () => {
      const member = await buildMember(app, owner, acme, { role: 'ADMIN' });
      const project = await buildProject(app, owner, acme);
      const projects = [{ projectId: project.id, role: 'ADMIN' }];
      const refused = await invite({ email: member.email, role: 'MEMBER', projects });
      expect(refused).toMatchObject({ status: 409, body: { code: 'already_member' } });
    });

    it('not with a role or project that the organisation does not have', async () => {
      const other = await buildOrganisation(app, owner);
      const foreign = await buildProject(app, owner, other);
      const team = await buildProject(app, owner, acme, { kind: 'team' });
      expect(await invite({ role: 'JESTER' })).toMatchObject({ status: 404, body: { code: 'role_not_found' } });
      const projects = [{ projectId: foreign.id, role: 'VIEWER' }];
      expect(await invite({ projects })).toMatchObject({ status: 404, body: { code: 'project_not_found' } });
      const misfit = [{ projectId: team.id, role: 'USER' }];
      expect(await invite({ projects: misfit })).toMatchObject({ status: 404, body: { code: 'role_not_found' } });
    });

    it('not when inviting is not in the plan', async () => {
      const other = await buildOrganisation(app, owner);
      await app.dataSource.query('UPDATE organisations SET invitations_enabled = false WHERE id = $1', [other.id]);
      const { status, body } = await app.api.post(
        `/organisations/${other.id}/invitations`,
        { email: newAddress(), role: 'MEMBER' },
        { as: owner },
      );
      expect([status, body.code]).toEqual([402, 'invitations_not_in_plan']);
    });

    it('for the owner of a new organisation', async () => {
      const ownerEmail = newAddress('owner');
      const { body } = await app.api.post('/organisations', { name: 'Globex', ownerEmail }, { as: owner });
      const newcomer = await join(app, ownerEmail, 1);
      const memberships = await app.api.get('/me/memberships', { as: newcomer });
      expect(memberships.body.data).toMatchObject([{ organisation: { id: body.id }, role: { key: 'OWNER' } }]);
    });
  });

  describe('is sent again', () => {
    it('with a new link that works, while the old one is dead', async () => {
      const email = newAddress();
      const { body } = await invite({ email, expiresInHours: 2 });
      const old = await app.inbox.token(email);
      const resent = await app.api.post(`/invitations/${body.id}/resend`, undefined, { as: owner });
      expect(resent).toMatchObject({ status: 200, body: { id: body.id, sendCount: 2, status: 'PENDING' } });
      const fresh = await app.inbox.token(email, 2);
      expect((await app.api.post('/invitations/lookup', { token: old })).status).toBe(410);
      expect((await app.api.post('/invitations/lookup', { token: fresh })).status).toBe(200);
    });

    it('from the second time on only after the cool-down', async () => {
      const { body } = await invite();
      const resend = () => app.api.post(`/invitations/${body.id}/resend`, {}, { as: owner });
      expect((await resend()).status).toBe(200);
      const refused = await resend();
      expect(refused).toMatchObject({ status: 429, body: { code: 'resend_cooldown' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
      await app.dataSource.query(
        `UPDATE invitations SET last_sent_at = last_sent_at - interval '1 minute' WHERE id = $1`,
        [body.id],
      );
      expect((await resend()).status).toBe(200);
    });

    it('and lives again after it lapsed, unless a newer one is open', async () => {
      const email = newAddress();
      const first = await invite({ email });
      await lapse(first.body.id);
      expect((await app.api.post(`/invitations/${first.body.id}/resend`, {}, { as: owner })).body.status).toBe(
        'PENDING',
      );
      await lapse(first.body.id);
      const second = await invite({ email });
      // It is also within the cool-down; the conflict is said first.
      const conflict = await app.api.post(`/invitations/${first.body.id}/resend`, {}, { as: owner });
      expect(conflict).toMatchObject({
        status: 409,
        body: { code: 'invitation_pending', invitationId: second.body.id },
      });
    });

    it('by another admin, who answers for it from then on', async () => {
      const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
      const { body } = await invite();
      const resent = await app.api.post(`/invitations/${body.id}/resend`, {}, { as: admin });
      expect(resent.body.invitedBy).toMatchObject({ id: admin.id, name: 'Kim Lee' });
    });
  });

  describe('is changed', () => {
    it('in its grants, with a new link and a new mail', async () => {
      const email = newAddress();
      const { body } = await invite({ email });
      const old = await app.inbox.token(email);
      const changed = await app.api.patch(`/invitations/${body.id}`, { role: 'ADMIN' }, { as: owner });
      expect(changed).toMatchObject({ status: 200, body: { role: { key: 'ADMIN' }, sendCount: 2 } });
      const fresh = await app.inbox.token(email, 2);
      expect((await app.api.post('/invitations/lookup', { token: old })).status).toBe(410);
      expect((await app.api.post('/invitations/lookup', { token: fresh })).body.role).toBe('Admin');
      const again = await app.api.patch(`/invitations/${body.id}`, { role: 'MEMBER' }, { as: owner });
      expect(again.status).toBe(429);
    });

    it('in its words, without a new mail', async () => {
      const email = newAddress();
      const { body } = await invite({ email });
      const token = await app.inbox.token(email);
      const changes = {
        givenName: 'Ada',
        message: 'Hello again',
        metadata: { a: 1 },
        expiresInHours: 5,
        role: 'MEMBER',
      };
      const changed = await app.api.patch(`/invitations/${body.id}`, changes, { as: owner });
      expect(changed.body).toMatchObject({
        givenName: 'Ada',
        message: 'Hello again',
        metadata: { a: 1 },
        sendCount: 1,
      });
      const hours = (Date.parse(changed.body.expiresAt) - Date.parse(changed.body.updatedAt)) / 3_600_000;
      expect(hours).toBeCloseTo(5, 2);
      expect((await app.api.post('/invitations/lookup', { token })).status).toBe(200);
    });

    it('to another set of projects', async () => {
      const [one, two] = [await buildProject(app, owner, acme), await buildProject(app, owner, acme)];
      const { body } = await invite({ projects: [{ projectId: one.id, role: 'VIEWER' }] });
      const projects = [{ projectId: two.id, role: 'EDITOR' }];
      const changed = await app.api.patch(`/invitations/${body.id}`, { projects }, { as: owner });
      expect(changed.body.projects).toMatchObject([{ projectId: two.id, role: { key: 'EDITOR' } }]);
    });

    it('without a mail when none is wanted, and then resent for its new link', async () => {
      const { body } = await invite({ sendEmail: false });
      const old = body.link.split('#token=')[1];
      const changed = await app.api.patch(`/invitations/${body.id}`, { role: 'ADMIN' }, { as: owner });
      expect(changed.body).toMatchObject({ role: { key: 'ADMIN' }, sendCount: 1, delivery: null });
      expect(changed.body).not.toHaveProperty('link');
      expect((await app.api.post('/invitations/lookup', { token: old })).status).toBe(410);
      const resent = await app.api.post(`/invitations/${body.id}/resend`, {}, { as: owner });
      const fresh = resent.body.link.split('#token=')[1];
      expect((await app.api.post('/invitations/lookup', { token: fresh })).status).toBe(200);
    });

    it('not by fields that do not fit where it was issued', async () => {
      const { body } = await app.api.post(
        '/platform/invitations',
        { email: newAddress(), platformRole: 'MEMBER' },
        { as: owner },
      );
      const refused = await app.api.patch(`/invitations/${body.id}`, { role: 'ADMIN' }, { as: owner });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/role' }] } });
      const changed = await app.api.patch(`/invitations/${body.id}`, { platformRole: 'OPERATOR' }, { as: owner });
      expect(changed.body.platformRole).toBe('OPERATOR');
    });
  });

  describe('is revoked', () => {
    it('and its link is dead', async () => {
      const email = newAddress();
      const { body } = await invite({ email });
      const token = await app.inbox.token(email);
      expect((await app.api.delete(`/invitations/${body.id}`, { as: owner })).status).toBe(204);
      expect(await get(body.id)).toMatchObject({ status: 'REVOKED', revokedReason: 'revoked' });
      expect((await app.api.post('/invitations/accept', { token, password: PASSWORD })).status).toBe(410);
    });

    it('once; an ended one cannot be resent, changed or revoked', async () => {
      const { body } = await invite();
      await app.api.delete(`/invitations/${body.id}`, { as: owner });
      const refusals = [
        await app.api.delete(`/invitations/${body.id}`, { as: owner }),
        await app.api.post(`/invitations/${body.id}/resend`, {}, { as: owner }),
        await app.api.patch(`/invitations/${body.id}`, { role: 'ADMIN' }, { as: owner }),
      ];
      for (const refused of refusals)
        expect(refused).toMatchObject({ status: 409, body: { code: 'invitation_not_pending' } });
    });
  });

  it('follows PUBLIC_URL in its link, whatever the request says', async () => {
    const email = newAddress();
    const body = { email, role: 'MEMBER' };
    const headers = {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'host=evil.example',
    };
    await app.api.post(`/organisations/${acme.id}/invitations`, body, { as: owner, headers });
    const mail = await app.inbox.newest(email);
    expect(mail.text).toContain('http://usher.test/join#token=');
    expect(`${mail.text}${mail.html}`).not.toContain('evil.example');
  });
});
