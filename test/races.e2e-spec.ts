import { startApp, startInstance, type TestApp } from './support/app.js';
import type { Answer, Client } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildOrganisation,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';
import { describeOnServer, expectOnly, play, race, statuses } from './support/races.js';
import { insertPerson } from './support/sql-factories.js';

/** Of thirty requests each: without its guard every one of them goes wrong. */
const CROWDED_ROUNDS = 25;
/** Statements of this database that wait for a lock. */
const WAITING = `pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`;

describeOnServer('two servers on one PostgreSQL', () => {
  let app: TestApp;
  let another: Awaited<ReturnType<typeof startInstance>>;
  let admin: Person;
  let acme: Organisation;

  beforeAll(async () => {
    // An outsider who repeats a deletion before it is sent would let the other side of the race win.
    app = await startApp({ DATABASE_TIMEOUT_SECONDS: '60' }, { replay: false });
    another = await startInstance(app.environment);
    admin = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, admin);
  });
  afterAll(async () => {
    await another.nest.close();
    await app.stop();
  });

  it('make one account of two acceptances of one token', async () => {
    // Guarded twice: delete FOR NO KEY UPDATE in InvitationRepository.lock and the unique index users_email.
    const outcomes = await play(async (round) => {
      const email = newAddress();
      const { id, token } = await inviteWithToken(email);
      const accept = (api: Client) => api.post('/invitations/accept', { token, password: PASSWORD });
      const answers = await race(
        round,
        () => accept(app.api),
        () => accept(another.api),
      );
      return `${statuses(answers)}, ${await membersAt(email)} member, ${await timesAccepted(id)} event`;
    });
    expectOnly(outcomes, '200 410, 1 member, 1 event', '200 401, 1 member, 1 event');
  });

  it('let somebody with an account accept twice at once, and in once', async () => {
    // Guarded twice: delete FOR NO KEY UPDATE in InvitationRepository.lock and the primary key memberships_pkey.
    const outcomes = await play(async (round) => {
      const kim = await insertPerson(app.dataSource);
      const { id, token } = await inviteWithToken(kim.email);
      const accept = (api: Client) => api.post('/invitations/accept', { token }, { as: kim });
      const answers = await race(
        round,
        () => accept(app.api),
        () => accept(another.api),
      );
      expect(answers[0].body).toEqual(answers[1].body);
      return `${statuses(answers)}, ${await membersAt(kim.email)} member, ${await timesAccepted(id)} event`;
    });
    expectOnly(outcomes, '200 200, 1 member, 1 event');
  });

  it('let either the acceptance or the revocation through', async () => {
    // Delete FOR NO KEY UPDATE in InvitationRepository.lock: it is accepted and revoked.
    const outcomes = await play(async (round) => {
      const kim = await insertPerson(app.dataSource);
      const { id, token } = await inviteWithToken(kim.email);
      const accept = () => app.api.post('/invitations/accept', { token }, { as: kim });
      const revoke = () => another.api.delete(`/invitations/${id}`, { as: admin });
      const [accepted, revoked] = await race(round, accept, revoke);
      const end = `${await statusOf(id)} with ${await membersAt(kim.email)} member`;
      return `accept ${accepted.status}, revoke ${revoked.status}: ${end}`;
    });
    const accepted = 'accept 200, revoke 409: ACCEPTED with 1 member';
    const revoked = 'accept 410, revoke 204: REVOKED with 0 member';
    expectOnly(outcomes, accepted, revoked);
  });

  it('leave no open invitation of somebody who is removed while inviting', async () => {
    // Guarded twice: delete FOR SHARE in LOCK_ORGANISATION (issue) and in LOCK_MEMBERSHIP (access): the invitation is written after those of the leaver were withdrawn.
    const leaver = await insertPerson(app.dataSource);
    const outcomes = await play(async (round) => {
      await setMembers(acme, { [admin.id]: 'OWNER', [leaver.id]: 'ADMIN' });
      const invite = () => inviteBy(leaver, newAddress(), app.api);
      const remove = () => another.api.delete(`/organisations/${acme.id}/members/${leaver.id}`, { as: admin });
      const [invited, removed] = await race(round, invite, remove);
      expect([201, 403, 404]).toContain(invited.status);
      return `remove ${removed.status}, ${await openBy(leaver)} open`;
    });
    expectOnly(outcomes, 'remove 204, 0 open');
  });

  it('keep an owner when two owners demote each other', async () => {
    // Guarded twice: delete every FOR SHARE in AccessRepository and the lock in MembersService.enter.
    const outcomes = await play(async (round) => {
      const [ann, bob] = await onlyOwners();
      const demote = (api: Client, by: Person, whom: Person) =>
        api.put(`/organisations/${acme.id}/members/${whom.id}/role`, { role: 'MEMBER' }, { as: by });
      const answers = await race(
        round,
        () => demote(app.api, ann, bob),
        () => demote(another.api, bob, ann),
      );
      return `${statuses(answers)}, ${await ownersOf(acme)} owner`;
    });
    expectOnly(outcomes, '200 403, 1 owner');
  });

  it('keep an owner when the last two leave', async () => {
    // Delete the lock in MembersService.enter: each sees the other one stay.
    const outcomes = await play(async (round) => {
      const [ann, bob] = await onlyOwners();
      const leave = (api: Client, who: Person) =>
        api.delete(`/organisations/${acme.id}/members/${who.id}`, { as: who });
      const answers = await race(
        round,
        () => leave(app.api, ann),
        () => leave(another.api, bob),
      );
      return `${statuses(answers)}, ${await ownersOf(acme)} owner`;
    });
    expectOnly(outcomes, '204 409, 1 owner');
  });

  it.each(['for a new address', 'in the place of a lapsed one'])(
    'make one invitation of thirty at once %s',
    async (variant) => {
      // Delete the unique index invitations_one_open in the migration: all thirty are created.
      const outcomes = await play(async () => {
        const email = newAddress();
        if (variant.includes('lapsed')) await inviteAndLapse(email);
        const mailsBefore = await mailsTo(email);
        const servers = Array.from({ length: 30 }, (_, index) => (index % 2 ? another.api : app.api));
        const answers = await Promise.all(servers.map((api) => inviteBy(admin, email, api)));
        const created = answers.filter((answer) => answer.status === 201);
        const refused = answers.filter((answer) => isPending(answer, created[0].body.id));
        const mails = (await mailsTo(email)) - mailsBefore;
        return `${created.length} created, ${refused.length} refused, ${await openFor(email)} open, ${mails} mail`;
      }, CROWDED_ROUNDS);
      expectOnly(outcomes, '1 created, 29 refused, 1 open, 1 mail');
    },
  );

  it.each(['a member', 'an invitation'])('give a role to %s or delete it, never both', async (whom) => {
    // Delete FOR KEY SHARE in RoleRepository, or the lock in RoleChangesService.delete.
    const member = await insertPerson(app.dataSource);
    const outcomes = await play(async (round) => {
      await setMembers(acme, { [admin.id]: 'OWNER', [member.id]: 'ADMIN' });
      const { body: role } = await makeRole(`role-${round}`);
      const give = () =>
        whom === 'a member'
          ? app.api.put(`/organisations/${acme.id}/members/${member.id}/role`, { role: role.id }, { as: admin })
          : app.api.post(invitations(), { email: newAddress(), role: role.id }, { as: admin });
      const remove = () => another.api.delete(`/roles/${role.id}`, { as: admin });
      const [given, removed] = await race(round, give, remove);
      const isGiven = given.status < 300 ? 'given' : given.body.code;
      return `${isGiven}, delete ${removed.status}: ${await usesOf(role.id)} use`;
    });
    expectOnly(outcomes, 'given, delete 409: 1 use', 'role_not_found, delete 204: 0 use');
  });

  it.each(['with', 'without'])(
    'let nobody in with a role that was deleted while they accepted %s the link',
    async (way) => {
      // Delete rolesExist in accept-rules.ts: begun before the invitation lapsed, the acceptance ends after the role is gone.
      const kim = await insertPerson(app.dataSource);
      const { body: role } = await makeRole(`fleeting-${way.replaceAll(' ', '-')}`);
      const { body: invitation } = await app.api.post(
        invitations(),
        { email: kim.email, role: role.id },
        { as: admin },
      );
      const token = await app.inbox.token(kim.email);
      const blocker = app.dataSource.createQueryRunner();
      await blocker.startTransaction();
      await blocker.query(
        `UPDATE invitations SET expires_at = clock_timestamp() + interval '10 seconds' WHERE id = $1`,
        [invitation.id],
      );
      await blocker.commitTransaction();
      await blocker.startTransaction();
      await blocker.query('SELECT 1 FROM invitations WHERE id = $1 FOR UPDATE', [invitation.id]);
      const [path, body] =
        way === 'with' ? ['/invitations/accept', { token }] : [`/me/invitations/${invitation.id}/accept`];
      const accepting = app.api.post(path, body, { as: kim });
      await eventually(async () => expect(await count(WAITING, 'SELECT i.id AS "id"%')).toBe(1));
      await eventually(async () => expect(await statusOf(invitation.id)).toBe('EXPIRED'));
      const removed = await another.api.delete(`/roles/${role.id}`, { as: admin });
      await blocker.commitTransaction();
      await blocker.release();
      expect(removed.status).toBe(204);
      expect(await accepting).toMatchObject({ status: 410, body: { code: 'invitation_closed' } });
      expect(await usesOf(role.id)).toBe(0);
    },
  );

  it('make one role of two with one key', async () => {
    // Delete the unique index roles_key in the migration.
    const outcomes = await play(async (round) => {
      const answers = await race(
        round,
        () => makeRole(`twin-${round}`),
        () => makeRole(`Twin-${round}`, another.api),
      );
      return statuses(answers);
    });
    expectOnly(outcomes, '201 409');
  });

  const invitations = (): string => `/organisations/${acme.id}/invitations`;

  function makeRole(key: string, api = app.api): Promise<Answer> {
    const role = { key, name: 'Role', scope: 'ORGANISATION', permissions: ['members:read'] };
    return api.post(`/organisations/${acme.id}/roles`, role, { as: admin });
  }

  function inviteBy(inviter: Person, email: string, api = app.api): Promise<Answer> {
    return api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: inviter });
  }

  async function inviteWithToken(email: string): Promise<{ id: string; token: string }> {
    const { body } = await inviteBy(admin, email);
    return { id: body.id, token: await app.inbox.token(email) };
  }

  async function inviteAndLapse(email: string): Promise<void> {
    const { body } = await inviteBy(admin, email);
    await app.dataSource.query(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      body.id,
    ]);
  }

  /** These, by their ids, and nobody else. */
  async function setMembers({ id }: Organisation, roles: Record<string, 'OWNER' | 'ADMIN'>): Promise<void> {
    await app.dataSource.query('DELETE FROM memberships WHERE organisation_id = $1', [id]);
    await app.dataSource.query(
      `INSERT INTO memberships (organisation_id, user_id, role_id)
       SELECT $1, member.key::uuid, r.id FROM jsonb_each_text($2) AS member
       JOIN roles r ON r.key = member.value AND r.scope = 'ORGANISATION' AND r.organisation_id IS NULL`,
      [id, JSON.stringify(roles)],
    );
  }

  async function onlyOwners(): Promise<[Person, Person]> {
    const [ann, bob] = [await insertPerson(app.dataSource), await insertPerson(app.dataSource)];
    await setMembers(acme, { [ann.id]: 'OWNER', [bob.id]: 'OWNER' });
    return [ann, bob];
  }

  /** Waits until everything queued has left. */
  async function mailsTo(email: string): Promise<number> {
    await eventually(async () => {
      const waiting = `SELECT 1 FROM mail_messages WHERE to_address = $1 AND status IN ('QUEUED', 'SENDING')`;
      expect(await app.dataSource.query(waiting, [email])).toEqual([]);
    });
    return app.inbox.to(email).length;
  }

  const count = async (from: string, parameter: string): Promise<number> => {
    const [{ rows }]: [{ rows: number }] = await app.dataSource.query(`SELECT count(*)::int AS rows FROM ${from}`, [
      parameter,
    ]);
    return rows;
  };
  const membersAt = (email: string) => count('memberships JOIN users u ON u.id = user_id WHERE u.email = $1', email);
  const timesAccepted = (invitationId: string) =>
    count(`audit_events WHERE action = 'invitation.accepted' AND subject_id = $1`, invitationId);
  const openBy = ({ id }: Person) => count(`invitations WHERE status = 'PENDING' AND invited_by_id = $1`, id);
  const ownersOf = ({ id }: Organisation) =>
    count(`memberships m JOIN roles r ON r.id = m.role_id WHERE r.key = 'OWNER' AND m.organisation_id = $1`, id);
  const usesOf = async (roleId: string): Promise<number> =>
    (await count('memberships WHERE role_id = $1', roleId)) +
    (await count(`invitations WHERE status = 'PENDING' AND expires_at > now() AND role_id = $1`, roleId));
  const openFor = (email: string) => count(`invitations WHERE status = 'PENDING' AND email = $1`, email);
  const statusOf = async (invitationId: string): Promise<string> => {
    const { body } = await app.api.get(`/invitations/${invitationId}`, { as: admin });
    return body.status as string;
  };
});

const isPending = ({ status, body }: Answer, invitationId: string): boolean =>
  status === 409 && body.code === 'invitation_pending' && body.invitationId === invitationId;
