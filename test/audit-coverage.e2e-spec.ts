import { AUDIT_ACTIONS } from '../apps/api/src/audit-trail/audit-actions.js';
import { OPERATIONS } from '../apps/api/src/openapi/operations.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { buildMember, buildOrganisation, buildProject, buildUser, newAddress, PASSWORD } from './support/factories.js';
import { type Organisation, type Person, signInAdmin } from './support/factories.js';

/** They take a body, and change nothing. */
const READING = [
  'POST /invitations/lookup',
  'POST /invitations/refusals/lookup',
  'POST /organisations/{organisationId}/mail-preview',
];
const SECRET = 'a-secret-of-whoever-reports-mail-events';

describe('every route that changes something', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;
  let member: Person;
  let project: { id: string };

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const invite = async (email = newAddress(), as = owner): Promise<{ id: string; email: string }> =>
    (await app.api.post(path('/invitations'), { email, role: 'MEMBER' }, { as })).body;
  const tokenOfNew = async (): Promise<string> => app.inbox.token((await invite()).email);
  const resetToken = async (): Promise<string> => {
    const mails = app.inbox.to(member.email).length;
    await app.api.post('/auth/password-resets', { email: member.email });
    return app.inbox.token(member.email, mails + 1);
  };
  const join = () =>
    app.api.post(`/projects/${project.id}/members`, { userId: member.id, role: 'VIEWER' }, { as: owner });
  const makeRole = (): Promise<Answer> =>
    app.api.post(
      path('/roles'),
      { key: 'HELPER', name: 'Helper', scope: 'ORGANISATION', permissions: ['members:read'] },
      { as: owner },
    );
  const makeKey = (): Promise<Answer> =>
    app.api.post(path('/api-keys'), { name: 'A key', role: 'MEMBER' }, { as: owner });
  const platformKey = { name: 'A key', platformRole: 'OPERATOR' };
  const inviteByActivepieces = (email: string): Promise<Answer> => {
    const invitation = { type: 'PROJECT', email, projectId: project.id, projectRole: 'Viewer' };
    return app.root.post('/v1/user-invitations', invitation, { as: owner });
  };
  const invitedElsewhere = async (): Promise<string> => {
    const other = await buildOrganisation(app, root);
    const invitation = { email: member.email, role: 'MEMBER' };
    return (await app.api.post(`/organisations/${other.id}/invitations`, invitation, { as: root })).body.id;
  };

  /** One good request for each, made for an organisation of its own. */
  const requests: Record<string, () => Promise<Answer>> = {
    'POST /auth/sign-in': () => app.api.post('/auth/sign-in', { email: owner.email, password: PASSWORD }),
    'POST /auth/sign-out': () => app.api.post('/auth/sign-out', undefined, { as: member }),
    'POST /auth/password-resets': () => app.api.post('/auth/password-resets', { email: owner.email }),
    'POST /auth/password-resets/confirm': async () =>
      app.api.post('/auth/password-resets/confirm', { token: await resetToken(), password: PASSWORD }),
    'DELETE /auth/sessions/{id}': async () => {
      const { body } = await app.api.get('/auth/sessions', { as: member });
      return app.api.delete(`/auth/sessions/${body.data[0].id}`, { as: member });
    },
    'DELETE /auth/sessions': () => app.api.delete('/auth/sessions', { as: member }),
    'PATCH /me': () => app.api.patch('/me', { givenName: 'Jo' }, { as: member }),
    'PUT /me/password': () =>
      app.api.put('/me/password', { currentPassword: PASSWORD, newPassword: PASSWORD }, { as: member }),
    'POST /me/invitations/{id}/accept': async () =>
      app.api.post(`/me/invitations/${await invitedElsewhere()}/accept`, undefined, { as: member }),
    'POST /me/invitations/{id}/decline': async () =>
      app.api.post(`/me/invitations/${await invitedElsewhere()}/decline`, undefined, { as: member }),
    'POST /me/api-keys': () => app.api.post('/me/api-keys', { name: 'Mine' }, { as: member }),
    'DELETE /me/api-keys/{id}': async () => {
      const { body } = await app.api.post('/me/api-keys', { name: 'Mine' }, { as: member });
      return app.api.delete(`/me/api-keys/${body.id}`, { as: member });
    },
    'PATCH /platform': () => app.api.patch('/platform', { name: 'Usher' }, { as: root }),
    'POST /platform/invitations': () =>
      app.api.post('/platform/invitations', { email: newAddress(), platformRole: 'MEMBER' }, { as: root }),
    'POST /platform/api-keys': () => app.api.post('/platform/api-keys', platformKey, { as: root }),
    'DELETE /platform/api-keys/{keyId}': async () => {
      const { body } = await app.api.post('/platform/api-keys', platformKey, { as: root });
      return app.api.delete(`/platform/api-keys/${body.id}`, { as: root });
    },
    'PATCH /users/{userId}': () => app.api.patch(`/users/${member.id}`, { givenName: 'Jo' }, { as: root }),
    'DELETE /users/{userId}': async () => app.api.delete(`/users/${(await buildUser(app, root)).id}`, { as: root }),
    'POST /organisations': () => app.api.post('/organisations', { name: 'Other' }, { as: root }),
    'PATCH /organisations/{organisationId}': () => app.api.patch(path(), { name: 'Renamed' }, { as: owner }),
    'DELETE /organisations/{organisationId}': () => app.api.delete(path(), { as: owner }),
    'PUT /organisations/{organisationId}/plan': () =>
      app.api.put(path('/plan'), { invitationsEnabled: true, seatLimit: 9 }, { as: root }),
    'PUT /organisations/{organisationId}/status': () =>
      app.api.put(path('/status'), { status: 'SUSPENDED' }, { as: root }),
    'POST /organisations/{organisationId}/roles': makeRole,
    'PATCH /roles/{roleId}': async () =>
      app.api.patch(`/roles/${(await makeRole()).body.id}`, { name: 'Other' }, { as: owner }),
    'DELETE /roles/{roleId}': async () => app.api.delete(`/roles/${(await makeRole()).body.id}`, { as: owner }),
    'POST /organisations/{organisationId}/api-keys': makeKey,
    'DELETE /organisations/{organisationId}/api-keys/{keyId}': async () =>
      app.api.delete(path(`/api-keys/${(await makeKey()).body.id}`), { as: owner }),
    'DELETE /organisations/{organisationId}/members/{userId}': () =>
      app.api.delete(path(`/members/${member.id}`), { as: owner }),
    'PUT /organisations/{organisationId}/members/{userId}/role': () =>
      app.api.put(path(`/members/${member.id}/role`), { role: 'ADMIN' }, { as: owner }),
    'PUT /organisations/{organisationId}/members/{userId}/status': () =>
      app.api.put(path(`/members/${member.id}/status`), { status: 'SUSPENDED' }, { as: owner }),
    'POST /organisations/{organisationId}/projects': () =>
      app.api.post(path('/projects'), { name: 'Website' }, { as: owner }),
    'PATCH /projects/{projectId}': () => app.api.patch(`/projects/${project.id}`, { metadata: {} }, { as: owner }),
    'DELETE /projects/{projectId}': () => app.api.delete(`/projects/${project.id}`, { as: owner }),
    'POST /projects/{projectId}/members': join,
    'PUT /projects/{projectId}/members/{userId}/role': async () => {
      await join();
      return app.api.put(`/projects/${project.id}/members/${member.id}/role`, { role: 'EDITOR' }, { as: owner });
    },
    'DELETE /projects/{projectId}/members/{userId}': async () => {
      await join();
      return app.api.delete(`/projects/${project.id}/members/${member.id}`, { as: owner });
    },
    'POST /organisations/{organisationId}/invitations/bulk': () =>
      app.api.post(
        path('/invitations/bulk'),
        { invitations: [{ email: newAddress(), role: 'MEMBER' }] },
        { as: owner },
      ),
    'POST /organisations/{organisationId}/invitations': () =>
      app.api.post(path('/invitations'), { email: newAddress(), role: 'MEMBER' }, { as: owner }),
    'POST /projects/{projectId}/invitations': () =>
      app.api.post(`/projects/${project.id}/invitations`, { email: newAddress(), role: 'VIEWER' }, { as: owner }),
    'PATCH /invitations/{invitationId}': async () =>
      app.api.patch(`/invitations/${(await invite()).id}`, { message: 'Hello' }, { as: owner }),
    'DELETE /invitations/{invitationId}': async () =>
      app.api.delete(`/invitations/${(await invite()).id}`, { as: owner }),
    'POST /invitations/{invitationId}/resend': async () =>
      app.api.post(`/invitations/${(await invite()).id}/resend`, {}, { as: owner }),
    'POST /invitations/accept': async () =>
      app.api.post('/invitations/accept', { token: await tokenOfNew(), givenName: 'Jo', password: PASSWORD }),
    'POST /invitations/decline': async () => app.api.post('/invitations/decline', { token: await tokenOfNew() }),
    'POST /invitations/renewal-requests': async () =>
      app.api.post('/invitations/renewal-requests', { token: await tokenOfNew() }),
    'POST /mail-events': async () => {
      const { messageId } = await app.inbox.newest((await invite()).email);
      const headers = { Authorization: `Basic ${btoa(`usher:${SECRET}`)}` };
      return app.api.post('/mail-events', { events: [{ messageId, type: 'bounced' }] }, { headers });
    },
    'POST /invitations/refusals': async () => {
      const { text } = await app.inbox.newest((await invite()).email);
      const token = /opt-out#token=([\w-]+)/.exec(text ?? '')?.[1];
      return app.api.post('/invitations/refusals', { token, organisation: true });
    },
    'POST /v1/organisations/{organisationId}/invitations': () =>
      app.root.post(
        `/v1${path('/invitations')}`,
        { invitation: { role: 'organisation_member', recipientEmailAddress: newAddress() } },
        { as: owner },
      ),
    'DELETE /v1/organisations/{organisationId}/invitations/{invitationId}': async () =>
      app.root.delete(`/v1${path(`/invitations/${(await invite()).id}`)}`, { as: owner }),
    'POST /v1/user-invitations': () => inviteByActivepieces(newAddress()),
    'DELETE /v1/user-invitations/{invitationId}': async () => {
      const { body } = await inviteByActivepieces(newAddress());
      return app.root.delete(`/v1/user-invitations/${body.id}`, { as: owner });
    },
    'POST /v1/user-invitations/accept': async () => {
      const { body } = await inviteByActivepieces(newAddress());
      const invitationToken = await app.inbox.token(body.email);
      return app.root.post('/v1/user-invitations/accept', { invitationToken });
    },
    'POST /api/users': () => app.root.post('/api/users', { emails: [newAddress()] }, { as: owner }),
    'POST /api/users/{userId}/invitation': async () => {
      const { inviteeId } = (await app.api.get(`/invitations/${(await invite()).id}`, { as: owner })).body;
      return app.root.post(`/api/users/${inviteeId}/invitation`, undefined, { as: owner });
    },
    'POST /organization/{organisationId}/invitation': () => {
      const person = { given_name: 'Jo', family_name: 'Lee', email: newAddress() };
      return app.api.post(`/organization/${acme.id}/invitation`, { ...person, role: 'Member' }, { as: owner });
    },
  };

  beforeAll(async () => {
    app = await startApp({ MAIL_EVENTS_SECRET: SECRET });
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
    member = await buildMember(app, owner, acme);
    project = await buildProject(app, owner, acme);
  });
  afterAll(() => app.stop());

  it('is asked here', () => {
    const changing = Object.keys(OPERATIONS).filter((key) => !key.startsWith('GET ') && !READING.includes(key));
    expect(Object.keys(requests).sort()).toEqual(changing.sort());
  });

  it.each(Object.keys(requests))('leaves an event: %s', async (key) => {
    const { status, headers } = await requests[key]();
    expect(status).toBeLessThan(300);
    const events: { action: string }[] = await app.dataSource.query(
      'SELECT action, before, after FROM audit_events WHERE request_id = $1',
      [headers.get('x-request-id')],
    );
    const done = events.map(({ action }) => action).filter((action) => !action.endsWith('.refused'));
    expect(done).not.toEqual([]);
    expect(AUDIT_ACTIONS).toEqual(expect.arrayContaining(done));
    expect(JSON.stringify(events)).not.toContain('@');
  });
});
