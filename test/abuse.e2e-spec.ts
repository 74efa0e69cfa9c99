import { randomUUID } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { onServer } from './support/database.js';
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
  signInAdmin,
} from './support/factories.js';

/** More than one INSERT of audit events can name: 65,535 parameters, eleven an event. */
const TOO_MANY_EVENTS = 6_000;
/** More ids than one statement can name. */
const TOO_MANY_IDS = 66_000;
const itOnServer = onServer() ? it : it.skip;

let app: TestApp;
let admin: Person;
let acme: Organisation;

beforeAll(async () => {
  // To compare tables of that size again and again would take minutes; and a replay would decide a race.
  app = await startApp({}, { replay: false });
  admin = await signInAdmin(app);
});
beforeEach(async () => {
  acme = await buildOrganisation(app, admin);
});
afterAll(() => app.stop());

describe('somebody who answers for thousands of invitations', () => {
  let kim: Person;

  beforeEach(async () => {
    kim = await buildMember(app, admin, acme, { role: 'ADMIN' });
  });

  it('can still be removed', async () => {
    await inviteMany(kim, TOO_MANY_EVENTS, 'PENDING');
    const { status } = await app.api.delete(`/organisations/${acme.id}/members/${kim.id}`, { as: admin });
    expect(status).toBe(204);
  });

  it('can still be suspended and demoted', async () => {
    await inviteMany(kim, TOO_MANY_EVENTS, 'PENDING');
    const member = `/organisations/${acme.id}/members/${kim.id}`;
    const demotion = await app.api.put(`${member}/role`, { role: 'MEMBER' }, { as: admin });
    const suspension = await app.api.put(`${member}/status`, { status: 'SUSPENDED' }, { as: admin });
    expect([demotion.status, suspension.status]).toEqual([200, 200]);
  });

  it('can still have their account suspended', async () => {
    await inviteMany(kim, TOO_MANY_EVENTS, 'PENDING');
    const { status } = await app.api.patch(`/users/${kim.id}`, { status: 'SUSPENDED' }, { as: admin });
    expect(status).toBe(200);
  });

  it('can still be erased, also when the invitations have ended', async () => {
    await inviteMany(kim, TOO_MANY_IDS, 'REVOKED');
    const { status } = await app.api.delete(`/users/${kim.id}`, { as: admin });
    expect(status).toBe(204);
  });

  it('does not keep the organisation from being deleted', async () => {
    await inviteMany(kim, TOO_MANY_EVENTS, 'PENDING');
    const { status } = await app.api.delete(`/organisations/${acme.id}`, { as: admin });
    expect(status).toBe(204);
  });
});

describe('somebody whose session was stolen, and used to make thousands of personal keys', () => {
  it('can still change and reset their password', async () => {
    const kim = await buildUser(app, admin);
    await makeManyKeys(kim, TOO_MANY_IDS);
    const passwords = { currentPassword: PASSWORD, newPassword: 'another horse battery' };
    const change = await app.api.put('/me/password', passwords, { as: kim });
    await app.api.post('/auth/password-resets', { email: kim.email });
    const token = await app.inbox.token(kim.email, 2);
    const reset = await app.api.post('/auth/password-resets/confirm', { token, password: 'a third horse battery' });
    expect([change.status, reset.status]).toEqual([204, 204]);
  });
});

describe('requests at the same instant', () => {
  let projects: { id: string }[];

  beforeEach(async () => {
    projects = [];
    for (let n = 0; n < 8; n += 1) projects.push(await buildProject(app, admin, acme));
  });

  itOnServer('let a member leave several projects', async () => {
    const kim = await buildMember(app, admin, acme, inAll('VIEWER'));
    const answers = await inEach((id) => app.api.delete(`/projects/${id}/members/${kim.id}`, { as: kim }));
    expect(statuses(answers)).toEqual([204]);
  });

  itOnServer('let an admin remove one person from several projects', async () => {
    const kim = await buildMember(app, admin, acme, inAll('VIEWER'));
    const answers = await inEach((id) => app.api.delete(`/projects/${id}/members/${kim.id}`, { as: admin }));
    expect(statuses(answers)).toEqual([204]);
  });

  itOnServer('let a project admin delete several projects', async () => {
    const kim = await buildMember(app, admin, acme, inAll('ADMIN'));
    const answers = await inEach((id) => app.api.delete(`/projects/${id}`, { as: kim }));
    expect(statuses(answers)).toEqual([204]);
  });

  itOnServer('let a key revoke itself', async () => {
    const { id, key } = await makeKey('ADMIN', admin);
    const answers = await inEach(() => app.api.delete(`/organisations/${acme.id}/api-keys/${id}`, { as: key }));
    expect(statuses(answers)).not.toContain(500);
  });

  const inAll = (role: string) => ({ projects: projects.map(({ id }) => ({ projectId: id, role })) });
  const inEach = (send: (id: string) => Promise<Answer>) => Promise.all(projects.map(({ id }) => send(id)));
  const statuses = (answers: Answer[]): number[] => [...new Set(answers.map(({ status }) => status))];
});

describe("an organisation's own role", () => {
  it('that holds less than MEMBER stays when a project admin invites its holder to a project', async () => {
    await makeRole('GUEST', ['organisation:read']);
    const guest = await buildMember(app, admin, acme, { role: 'GUEST' });
    const project = await buildProject(app, admin, acme);
    const lead = await buildMember(app, admin, acme, { projects: [{ projectId: project.id, role: 'ADMIN' }] });
    const invitation = { email: guest.email, role: 'VIEWER' };
    await app.api.post(`/projects/${project.id}/invitations`, invitation, { as: lead });
    const token = await app.inbox.token(guest.email, 2);
    expect((await app.api.post('/invitations/accept', { token }, { as: guest })).status).toBe(200);
    const { body } = await app.api.get(`/organisations/${acme.id}/members/${guest.id}`, { as: admin });
    expect(body.role.key).toBe('GUEST');
    expect((await app.api.get(`/organisations/${acme.id}/members`, { as: guest })).status).toBe(403);
  });

  itOnServer('is not widened again by its holder while somebody narrows it', async () => {
    const narrow = ['organisation:read', 'members:read', 'roles:read', 'roles:manage'];
    const wide = [...narrow, 'audit:read'];
    const role = await makeRole('STEWARD', wide);
    const kim = await buildMember(app, admin, acme, { role: 'STEWARD' });
    const owner = await begin('UPDATE roles SET permissions = $2 WHERE id = $1', [role.id, narrow]);
    const widening = app.api.patch(`/roles/${role.id}`, { permissions: wide }, { as: kim });
    await somebodyWaits('%roles%');
    await end(owner);
    expect((await widening).status).toBe(403);
  });
});

describe('removing a member with their keys', () => {
  it('ends no key that holds more than who removes them', async () => {
    const former = await buildMember(app, admin, acme, { role: 'OWNER' });
    const { key } = await makeKey('OWNER', former);
    const member = `/organisations/${acme.id}/members/${former.id}`;
    await app.api.put(`${member}/role`, { role: 'MEMBER' }, { as: admin });
    await makeRole('HR', ['organisation:read', 'members:read', 'roles:read', 'members:manage']);
    const hr = await buildMember(app, admin, acme, { role: 'HR' });
    await app.api.delete(`${member}?revokeKeys=true`, { as: hr });
    expect((await app.api.get(`/organisations/${acme.id}`, { as: key })).status).toBe(200);
  });

  it('ends those that their keys made, too', async () => {
    const leaver = await buildMember(app, admin, acme, { role: 'ADMIN' });
    const first = await makeKey('ADMIN', leaver);
    const second = await makeKey('ADMIN', first.key);
    await app.api.delete(`/organisations/${acme.id}/members/${leaver.id}?revokeKeys=true`, { as: admin });
    expect((await app.api.get(`/organisations/${acme.id}`, { as: second.key })).status).toBe(401);
  });
});

describe('whoever loses their rights while their request runs', () => {
  itOnServer('creates no organisation as a platform admin who is none any more', async () => {
    const former = await buildUser(app, admin, 'ADMIN');
    const blocker = await begin(`UPDATE users SET platform_role = 'MEMBER' WHERE id = $1`, [former.id]);
    const creating = app.api.post('/organisations', { name: 'Too late' }, { as: former });
    await somebodyWaits('%FROM users%');
    await end(blocker);
    expect((await creating).status).toBe(403);
  });

  itOnServer('sends no mail for an organisation that is suspended', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Later' };
    const kim = await buildMemberByLink('ADMIN');
    const email = newAddress();
    const blocker = await begin('SELECT 1 FROM memberships WHERE user_id = $1 FOR UPDATE', [kim.id]);
    const inviting = app.api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: kim });
    await somebodyWaits('%memberships%');
    const change = { status: 'SUSPENDED' };
    const suspending = app.api.put(`/organisations/${acme.id}/status`, change, { as: admin });
    await Promise.race([suspending, somebodyWaits('%organisations%')]);
    await end(blocker);
    await Promise.all([inviting, suspending]);
    await eventually(async () => {
      const mails: { status: string }[] = await app.dataSource.query(
        'SELECT status FROM mail_messages WHERE to_address = $1',
        [email],
      );
      expect(mails.filter(({ status }) => status !== 'SKIPPED')).toEqual([]);
    }).finally(() => (app.inbox.refuseWith = null));
  });
});

describe('the audit of an organisation', () => {
  it('has nobody joining when a key created it', async () => {
    const made = await app.api.post('/platform/api-keys', { name: 'Setup', platformRole: 'ADMIN' }, { as: admin });
    const organisation = { name: 'Made by a key', ownerEmail: newAddress() };
    const { body } = await app.api.post('/organisations', organisation, { as: made.body.key });
    const events = await app.api.get(`/organisations/${body.id}/audit-events?action=member.joined`, { as: admin });
    expect(events.body.data).toEqual([]);
  });
});

describe('refusals come in order', () => {
  it('409 for an open invitation before 429 for its recipient', async () => {
    const limits = { mailsPerRecipientPerDay: 1 };
    await app.api.patch('/platform', { limits }, { as: admin });
    const invitation = { email: newAddress(), role: 'MEMBER' };
    const invite = () => app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: admin });
    const first = await invite();
    const second = await invite();
    await app.api.patch('/platform', { limits: { mailsPerRecipientPerDay: 5 } }, { as: admin });
    expect(second.body).toMatchObject({ code: 'invitation_pending', invitationId: first.body.id });
  });

  it('400 for a key that begins expired before 404 for its role', async () => {
    const key = { name: 'Late', role: 'NO_SUCH_ROLE', expiresAt: '2001-01-01T00:00:00Z' };
    const { status } = await app.api.post(`/organisations/${acme.id}/api-keys`, key, { as: admin });
    expect(status).toBe(400);
  });
});

async function makeRole(key: string, permissions: string[]): Promise<{ id: string }> {
  const role = { key, name: key, scope: 'ORGANISATION', permissions };
  const { status, body } = await app.api.post(`/organisations/${acme.id}/roles`, role, { as: admin });
  if (status !== 201) throw new Error(`No role: ${JSON.stringify(body)}`);
  return body;
}

async function makeKey(role: string, as: Person | string): Promise<{ id: string; key: string }> {
  const { status, body } = await app.api.post(`/organisations/${acme.id}/api-keys`, { name: 'Key', role }, { as });
  if (status !== 201) throw new Error(`No key: ${JSON.stringify(body)}`);
  return body;
}

/** While the mail server takes nothing. */
async function buildMemberByLink(role: string): Promise<Person> {
  const invitation = { email: newAddress(), role, sendEmail: false };
  const { body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: admin });
  const token = body.link.split('#token=')[1];
  const accepted = await app.api.post('/invitations/accept', { token, password: PASSWORD });
  const me = await app.api.get('/me', { as: accepted.body.session });
  return { id: me.body.id, email: me.body.email, token: accepted.body.session.token };
}

/** As the API would in a few days: an inviter may send 2,000 a day, and what is not sent is not counted. */
const inviteMany = (inviter: Person, count: number, status: string): Promise<unknown> =>
  app.dataSource.query(
    `INSERT INTO invitations (id, organisation_id, place, type, email, invitee_id, token_hash, role_id, locale,
       invited_by_type, invited_by_id, expiry_hours, expires_at, status)
     SELECT gen_random_uuid(), $1, $1, 'ORGANISATION', n || $5, gen_random_uuid(), sha256((n || $5)::bytea),
       '00000000-0000-4000-8000-0000000000a3', 'en', 'user', $2, 700, now() + interval '29 days', $4
     FROM generate_series(1, $3::int) n`,
    [acme.id, inviter.id, count, status, `@${randomUUID()}.example`],
  );

/** As the API would within minutes: 120 a second, without a limit. */
const makeManyKeys = (owner: Person, count: number): Promise<unknown> =>
  app.dataSource.query(
    `INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, created_by_type, created_by_id)
     SELECT gen_random_uuid(), $1::uuid, 'Key', 'ush_abcdef', sha256((n || $1::text)::bytea), 'user', $1::uuid
     FROM generate_series(1, $2::int) n`,
    [owner.id, count],
  );

/** A transaction of somebody else that holds what the statement locks. */
async function begin(statement: string, values: unknown[] = []): Promise<QueryRunner> {
  const transaction = app.dataSource.createQueryRunner();
  await transaction.startTransaction();
  await transaction.query(statement, values);
  return transaction;
}

async function end(transaction: QueryRunner): Promise<void> {
  await transaction.commitTransaction();
  await transaction.release();
}

async function somebodyWaits(statement: string): Promise<void> {
  await eventually(async () => {
    const waiting: unknown[] = await app.dataSource.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
      [statement],
    );
    if (waiting.length === 0) throw new Error(`Nobody waits with ${statement}`);
  });
}
