import { startApp, type TestApp } from './support/app.js';
import {
  buildMember,
  buildOrganisation,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

describe('an invitation that has lapsed', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  const invite = async (email: string, as = owner) => {
    const body = { email, role: 'MEMBER', sendEmail: false };
    return (await app.api.post(`/organisations/${acme.id}/invitations`, body, { as })).body;
  };
  const lapse = (id: string) => app.dataSource.query(`UPDATE invitations SET expires_at = now() WHERE id = $1`, [id]);
  const shown = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body;

  beforeAll(async () => {
    app = await startApp();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  it('keeps no older one from being sent again: it is not open', async () => {
    const email = newAddress();
    const older = await invite(email);
    await lapse(older.id);
    const newer = await invite(email);
    await lapse(newer.id);
    expect((await shown(newer.id)).status).toBe('EXPIRED');
    const revived = await app.api.post(`/invitations/${older.id}/resend`, {}, { as: owner });
    expect(revived).toMatchObject({ status: 200, body: { status: 'PENDING' } });
    expect((await shown(newer.id)).status).toBe('EXPIRED');
  });

  it.each([
    [
      'demoted',
      (id: string) => app.api.put(`/organisations/${acme.id}/members/${id}/role`, { role: 'MEMBER' }, { as: owner }),
    ],
    ['removed', (id: string) => app.api.delete(`/organisations/${acme.id}/members/${id}`, { as: owner })],
  ])('stays EXPIRED, and can be sent again, when who answers for it is %s', async (_ending, end) => {
    const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
    const { id } = await invite(newAddress(), admin);
    await lapse(id);
    expect((await end(admin.id)).status).toBeLessThan(300);
    expect((await shown(id)).status).toBe('EXPIRED');
    expect((await app.api.post(`/invitations/${id}/resend`, {}, { as: owner })).status).toBe(200);
  });

  it('stays EXPIRED when whom it was for is removed', async () => {
    const member = await buildMember(app, owner, acme);
    const body = { email: member.email, role: 'ADMIN', sendEmail: false };
    const { id } = (await app.api.post(`/organisations/${acme.id}/invitations`, body, { as: owner })).body;
    await lapse(id);
    await app.api.delete(`/organisations/${acme.id}/members/${member.id}`, { as: owner });
    expect((await shown(id)).status).toBe('EXPIRED');
  });
});
