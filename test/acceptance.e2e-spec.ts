import { startApp, type TestApp } from './support/app.js';
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
import { eventually } from './support/eventually.js';
import { clearThrottles } from './support/throttles.js';

describe('the person invited', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  const invite = async (email: string, fields: object = {}, organisation = acme, as = owner) => {
    const invitation = { email, role: 'MEMBER', ...fields };
    const { status, body } = await app.api.post(`/organisations/${organisation.id}/invitations`, invitation, { as });
    expect(status).toBe(201);
    return body;
  };
  const accept = (token: string, as?: Person, fields: object = {}) =>
    app.api.post('/invitations/accept', { token, ...fields }, { as });

  beforeAll(async () => {
    app = await startApp();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  it('sees who invites them to what, until when', async () => {
    const email = newAddress('kim');
    const project = await buildProject(app, owner, acme);
    await invite(email, {
      message: 'Come in',
      projects: [{ projectId: project.id, role: 'VIEWER' }],
      metadata: { secret: 1 },
    });
    const token = await app.inbox.token(email);
    const { status, body } = await app.api.post('/invitations/lookup', { token });
    expect(status).toBe(200);
    expect(body).toEqual({
      type: 'ORGANISATION',
      organisation: { name: acme.name },
      role: 'Member',
      projects: [{ name: project.name, role: 'Viewer' }],
      invitedBy: { name: 'root@usher.test' },
      email,
      givenName: null,
      familyName: null,
      message: 'Come in',
      expiresAt: expect.any(String),
      accountExists: false,
    });
  });

  it('chooses a password when they have no account', async () => {
    const email = newAddress();
    await invite(email, { givenName: 'Ada', familyName: 'Typed' });
    const token = await app.inbox.token(email);
    const refused = await accept(token);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/password' }] } });
    const accepted = await accept(token, undefined, { password: PASSWORD, familyName: 'Chosen' });
    const me = await app.api.get('/me', { as: accepted.body.session });
    expect(me.body).toMatchObject({ givenName: 'Ada', familyName: 'Chosen' });
  });

  it('signs in first when they have an account, whose password stays', async () => {
    const person = await buildUser(app, owner);
    await invite(person.email);
    const token = await app.inbox.token(person.email, 2);
    const refused = await accept(token, undefined, { password: 'another password' });
    expect(refused).toMatchObject({ status: 401, body: { code: 'sign_in_required' } });
    const accepted = await accept(token, person, { password: 'another password' });
    expect(accepted.status).toBe(200);
    expect(accepted.body).not.toHaveProperty('session');
    await expect(signIn(app, person.email)).resolves.toBeDefined();
  });

  it('is told the masked address when signed in as somebody else', async () => {
    const email = newAddress('kim');
    await invite(email);
    const stranger = await buildUser(app, owner);
    const token = await app.inbox.token(email);
    const refused = await accept(token, stranger);
    expect(refused).toMatchObject({ status: 403, body: { code: 'wrong_account', email: 'k•••@example.com' } });
    expect(JSON.stringify(refused.body)).not.toContain(email);
  });

  it('gets the same answer again, as long as they are a member', async () => {
    const person = await buildUser(app, owner);
    await invite(person.email);
    const token = await app.inbox.token(person.email, 2);
    const first = await accept(token, person);
    const again = await accept(token, person);
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect((await accept(token, undefined, { password: PASSWORD })).status).toBe(410);
    await app.api.delete(`/organisations/${acme.id}/members/${person.id}`, { as: person });
    expect((await accept(token, person)).status).toBe(410);
  });

  it('gets one answer for all links that are not open, but that the holder of one may know whether it was accepted or has expired', async () => {
    const closedTokens: string[] = ['no-such-token', 'A'.repeat(43)];
    const endings: ((id: string, token: string) => Promise<unknown>)[] = [
      (_id, token) => accept(token, undefined, { password: PASSWORD }),
      (id) => app.api.delete(`/invitations/${id}`, { as: owner }),
      (_id, token) => app.api.post('/invitations/decline', { token }),
      (id) => app.dataSource.query(`UPDATE invitations SET expires_at = now() WHERE id = $1`, [id]),
      (id) => app.api.post(`/invitations/${id}/resend`, {}, { as: owner }),
    ];
    for (const end of endings) {
      const email = newAddress();
      const { id } = await invite(email);
      const token = await app.inbox.token(email);
      await end(id, token);
      closedTokens.push(token);
    }
    const answers = [];
    const reasons: string[][] = [];
    for (const token of closedTokens) {
      for (const route of ['lookup', 'accept', 'decline']) {
        const { status, body } = await app.api.post(`/invitations/${route}`, {
          token,
          ...(route === 'accept' ? { password: PASSWORD } : {}),
        });
        const { reason, organisation, expiresAt, ...said } = body;
        answers.push(JSON.stringify({ status, ...said, requestId: undefined }));
        if (reason) reasons.push([route, reason, organisation.name, typeof expiresAt]);
      }
    }
    expect(new Set(answers).size).toBe(1);
    expect(reasons).toEqual([
      ['lookup', 'accepted', acme.name, 'string'],
      ['lookup', 'expired', acme.name, 'string'],
    ]);
    expect(answers[0]).toContain('invitation_closed');
  });

  it('is stopped after thirty unknown links in a minute', async () => {
    await clearThrottles(app);
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 32; attempt += 1) {
      statuses.push((await app.api.post('/invitations/lookup', { token: `guess-${attempt}` })).status);
    }
    expect(statuses.slice(0, 30).every((status) => status === 410)).toBe(true);
    expect(statuses.slice(-1)).toEqual([429]);
    await clearThrottles(app);
  });

  it('declines, and the inviter sees it', async () => {
    const email = newAddress();
    const { id } = await invite(email);
    const token = await app.inbox.token(email);
    expect((await app.api.post('/invitations/decline', { token })).status).toBe(204);
    const { body } = await app.api.get(`/invitations/${id}`, { as: owner });
    expect(body).toMatchObject({ status: 'DECLINED', declinedAt: expect.any(String) });
  });

  it('gets a role that holds more than the present one', async () => {
    const member = await buildMember(app, owner, acme);
    await invite(member.email, { role: 'ADMIN' });
    await accept(await app.inbox.token(member.email, 2), member);
    const { body } = await app.api.get(`/organisations/${acme.id}/members/${member.id}`, { as: owner });
    expect(body.role.key).toBe('ADMIN');
  });

  it('keeps a present role that holds more', async () => {
    const member = await buildMember(app, owner, acme);
    await invite(member.email, { role: 'ADMIN' });
    await app.api.put(`/organisations/${acme.id}/members/${member.id}/role`, { role: 'OWNER' }, { as: owner });
    expect((await accept(await app.inbox.token(member.email, 2), member)).status).toBe(200);
    const { body } = await app.api.get(`/organisations/${acme.id}/members/${member.id}`, { as: owner });
    expect(body.role.key).toBe('OWNER');
  });

  it('finds, accepts and declines invitations to their proven address without the link', async () => {
    const person = await buildUser(app, owner);
    const other = await buildOrganisation(app, owner);
    const { id } = await invite(person.email);
    const { id: second } = await invite(person.email, {}, other);
    const mine = await app.api.get('/me/invitations', { as: person });
    expect(mine.body.data.map((row: { id: string }) => row.id).sort()).toEqual([id, second].sort());
    expect(mine.body.data[0]).not.toHaveProperty('metadata');
    expect(
      (await app.api.post(`/me/invitations/${id}/accept`, undefined, { as: person })).body.memberships,
    ).toHaveLength(1);
    expect((await app.api.post(`/me/invitations/${second}/decline`, undefined, { as: person })).status).toBe(204);
    expect((await app.api.get('/me/invitations', { as: person })).body.data).toEqual([]);
    const stranger = await buildUser(app, owner);
    expect((await app.api.post(`/me/invitations/${id}/accept`, undefined, { as: stranger })).status).toBe(404);
  });

  it('has proven nothing with a link that was shown to its inviter, until a mailed reset proves the address', async () => {
    const email = newAddress();
    const { link } = await invite(email, { sendEmail: false });
    const token = link.split('#token=')[1];
    const accepted = await accept(token, undefined, { password: PASSWORD });
    const impostor = { id: '', email, token: accepted.body.session.token };
    expect((await app.api.get('/me', { as: impostor })).body.emailVerified).toBe(false);

    const other = await buildOrganisation(app, owner);
    const { id } = await invite(email, {}, other);
    expect((await app.api.get('/me/invitations', { as: impostor })).body.data).toEqual([]);
    expect((await app.api.post(`/me/invitations/${id}/accept`, undefined, { as: impostor })).status).toBe(404);

    await app.inbox.newest(email);
    await app.api.post('/auth/password-resets', { email });
    const reset = await app.inbox.token(email, 2);
    expect(
      (await app.api.post('/auth/password-resets/confirm', { token: reset, password: 'the real owner' })).status,
    ).toBe(204);
    expect((await app.api.get('/me', { as: impostor })).status).toBe(401);
    const rightful = await signIn(app, email, 'the real owner');
    expect((await app.api.get('/me', { as: rightful })).body.emailVerified).toBe(true);
    expect((await app.api.get('/me/invitations', { as: rightful })).body.data).toHaveLength(1);
  });

  it('asks for a fresh link, and who answers for the invitation gets a mail, once an hour', async () => {
    const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
    const email = newAddress('late');
    const { id } = await invite(email, {}, acme, admin);
    const token = await app.inbox.token(email);
    await app.dataSource.query(`UPDATE invitations SET expires_at = now() WHERE id = $1`, [id]);
    const ask = (secret: string) => app.api.post('/invitations/renewal-requests', { token: secret });
    expect((await ask(token)).status).toBe(202);
    expect((await ask(token)).status).toBe(202);
    expect((await ask('unknown')).status).toBe(202);
    const mail = await app.inbox.newest(admin.email, 2);
    expect(mail.subject).toContain(email);
    await eventually(async () => {
      const queued = await app.dataSource.query(`SELECT 1 FROM mail_messages WHERE status IN ('QUEUED', 'SENDING')`);
      expect(queued).toHaveLength(0);
    });
    expect(app.inbox.to(admin.email)).toHaveLength(2);
  });

  it('reaches an owner when the inviter is gone', async () => {
    const boss = await buildMember(app, owner, acme, { role: 'OWNER' });
    const other = await buildOrganisation(app, owner);
    await app.api.delete(`/organisations/${acme.id}/members/${boss.id}`, { as: boss });
    const admin = await buildMember(app, owner, other, { role: 'ADMIN' });
    const email = newAddress();
    await invite(email, {}, other, admin);
    const token = await app.inbox.token(email);
    await app.api.delete(`/organisations/${other.id}/members/${admin.id}`, { as: owner });
    await app.api.post('/invitations/renewal-requests', { token });
    expect((await app.inbox.newest(owner.email)).subject).toContain(email);
  });

  it('is not let in by somebody who has lost the right to invite meanwhile', async () => {
    const other = await buildOrganisation(app, owner);
    const admin = await buildMember(app, owner, other, { role: 'ADMIN' });
    const email = newAddress();
    const { id } = await invite(email, { role: 'ADMIN' }, other, admin);
    const token = await app.inbox.token(email);
    // Below the API, so that only the check at acceptance stands in the way.
    await app.dataSource.query(
      `UPDATE memberships SET role_id = (SELECT id FROM roles WHERE key = 'MEMBER' AND scope = 'ORGANISATION') WHERE user_id = $1`,
      [admin.id],
    );
    expect((await accept(token, undefined, { password: PASSWORD })).status).toBe(410);
    expect((await app.api.get(`/invitations/${id}`, { as: owner })).body.status).toBe('PENDING');
  });

  it('is not let into a suspended organisation', async () => {
    const other = await buildOrganisation(app, owner);
    const email = newAddress();
    await invite(email, {}, other);
    const token = await app.inbox.token(email);
    await app.dataSource.query(`UPDATE organisations SET status = 'SUSPENDED' WHERE id = $1`, [other.id]);
    expect((await app.api.post('/invitations/lookup', { token })).status).toBe(410);
    expect((await accept(token, undefined, { password: PASSWORD })).status).toBe(410);
  });

  it('comes in by a link from the inviter when there is no SMTP in production', async () => {
    const offline = await startApp({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://usher.test',
      APP_SECRET: 'Zk3v9Qx7Lm2Rt8Wc5Yb1Nf6Hd4Gs0Jp-production',
      SMTP_URL: '',
      DATA_DIR: 'memory://',
    });
    const admin = await signInAdmin(offline);
    const organisation = await buildOrganisation(offline, admin);
    const email = newAddress();
    const path = `/organisations/${organisation.id}/invitations`;
    const { body } = await offline.api.post(path, { email, role: 'MEMBER' }, { as: admin });
    expect(body).toMatchObject({
      delivery: null,
      link: expect.stringMatching(/^https:\/\/usher\.test\/join#token=[\w-]{43}$/),
    });
    expect((await offline.api.get(`/invitations/${body.id}`, { as: admin })).body).not.toHaveProperty('link');
    const token = body.link.split('#token=')[1];
    const accepted = await offline.api.post('/invitations/accept', { token, password: PASSWORD });
    const me = await offline.api.get('/me', { as: accepted.body.session });
    expect(me.body.emailVerified).toBe(false);
    const audit = await offline.dataSource.query(`SELECT 1 FROM audit_events WHERE action = 'invitation.link_shown'`);
    expect(audit).toHaveLength(1);
    await offline.stop();
  });

  it('is a member right away when put into a project, and is told so', async () => {
    const member = await buildMember(app, owner, acme);
    const project = await buildProject(app, owner, acme);
    const added = await app.api.post(
      `/projects/${project.id}/members`,
      { userId: member.id, role: 'EDITOR' },
      { as: owner },
    );
    expect(added).toMatchObject({ status: 201, body: { user: { id: member.id }, role: { key: 'EDITOR' } } });
    expect((await app.inbox.newest(member.email, 2)).subject).toBe(`You were added to ${project.name}`);
    const again = await app.api.post(
      `/projects/${project.id}/members`,
      { userId: member.id, role: 'VIEWER' },
      { as: owner },
    );
    expect(again).toMatchObject({ status: 409, body: { code: 'already_member' } });
    const stranger = await buildUser(app, owner);
    const refused = await app.api.post(
      `/projects/${project.id}/members`,
      { userId: stranger.id, role: 'VIEWER' },
      { as: owner },
    );
    expect(refused.status).toBe(404);
  });
});
