import { startApp, type TestApp } from './support/app.js';
import {
  buildOrganisation,
  buildProject,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';

describe('inviting somebody', () => {
  let app: TestApp;
  let admin: Person;
  let acme: Organisation;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
    acme = await buildOrganisation(app, admin);
  });
  afterAll(() => app.stop());

  it('sends a mail whose token lets the person in', async () => {
    const email = newAddress('kim');
    const project = await buildProject(app, admin, acme);
    const invitation = {
      email,
      role: 'MEMBER',
      projects: [{ projectId: project.id, role: 'EDITOR' }],
      message: 'Welcome aboard',
    };

    const created = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: admin });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      type: 'ORGANISATION',
      status: 'PENDING',
      email,
      message: 'Welcome aboard',
      sendCount: 1,
    });
    expect(created.body).not.toHaveProperty('link');

    const token = await app.inbox.token(email);
    const accepted = await app.api.post('/invitations/accept', {
      token,
      givenName: 'Kim',
      familyName: 'Lee',
      password: PASSWORD,
    });
    expect(accepted.status).toBe(200);
    expect(accepted.body.memberships).toMatchObject([
      {
        organisation: { id: acme.id },
        role: { key: 'MEMBER' },
        status: 'ACTIVE',
        projects: [{ projectId: project.id, role: { key: 'EDITOR' } }],
      },
    ]);
    const me = await app.api.get('/me', { as: accepted.body.session });
    expect(me.body).toMatchObject({ email, emailVerified: true, givenName: 'Kim', status: 'ACTIVE' });
  });
});
