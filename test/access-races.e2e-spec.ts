import { startApp, startInstance, type TestApp } from './support/app.js';
import type { Answer, Client } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signIn,
  signInAdmin,
} from './support/factories.js';
import { describeOnServer, expectOnly, play, race } from './support/races.js';

const FEW_ROUNDS = 15;
const OTHER_PASSWORD = 'purple monkey dishwasher';

describeOnServer('keys, seats and limits on two servers', () => {
  let app: TestApp;
  let another: Awaited<ReturnType<typeof startInstance>>;
  let admin: Person;
  let acme: Organisation;

  const path = (rest: string): string => `/organisations/${acme.id}${rest}`;
  const invite = (as: Person | string, email = newAddress(), api: Client = app.api): Promise<Answer> =>
    api.post(path('/invitations'), { email, role: 'MEMBER' }, { as });
  const count = async (from: string, parameter: string): Promise<number> => {
    const statement = `SELECT count(*)::int AS rows FROM ${from}`;
    const [{ rows }]: [{ rows: number }] = await app.dataSource.query(statement, [parameter]);
    return rows;
  };
  /** Requests that wait for a lock. */
  const waiting = (): Promise<number> =>
    count('pg_stat_activity WHERE datname = $1::text AND wait_event_type = $$Lock$$', database());
  const database = (): string => new URL(app.environment.DATABASE_URL).pathname.slice(1);
  const crowd = (size: number, ask: (api: Client) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(Array.from({ length: size }, (_, index) => ask(index % 2 ? another.api : app.api)));
  const withStatus = (answers: Answer[], status: number): number =>
    answers.filter((answer) => answer.status === status).length;

  beforeAll(async () => {
    app = await startApp({}, { replay: false }); // a replay between the requests would decide the race
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

  it('give the last seat to one of thirty', async () => {
    // Delete FOR NO KEY UPDATE in LOCK_ORGANISATION (issue): several count before any of them has written.
    const outcomes = await play(async () => {
      acme = await buildOrganisation(app, admin);
      await app.api.put(path('/plan'), { invitationsEnabled: true, seatLimit: 2 }, { as: admin });
      const answers = await crowd(30, (api) => invite(admin, newAddress(), api));
      const open = await count(`invitations WHERE status = 'PENDING' AND organisation_id = $1`, acme.id);
      return `${withStatus(answers, 201)} created, ${withStatus(answers, 402)} refused, ${open} open`;
    }, FEW_ROUNDS);
    expectOnly(outcomes, '1 created, 29 refused, 1 open');
  });

  it('send one person what one organisation may, and no more', async () => {
    // Delete `WHERE counter.hits < …` in takingEach (sending counters).
    await app.api.patch('/platform', { limits: { resendCooldownSeconds: null } }, { as: admin });
    const outcomes = await play(async () => {
      const { body } = await invite(admin);
      const answers = await crowd(12, (api) => api.post(`/invitations/${body.id}/resend`, {}, { as: admin }));
      return `${withStatus(answers, 200)} sent, ${withStatus(answers, 429)} refused`;
    }, FEW_ROUNDS);
    expectOnly(outcomes, '4 sent, 8 refused');
  });

  it('leave no open invitation of a key that is revoked with its invitations while it invites', async () => {
    // Delete FOR SHARE of api_keys in AccessRepository.locks: the invitation is written after the others were withdrawn.
    const outcomes = await play(async (round) => {
      const { body: key } = await app.api.post(path('/api-keys'), { name: 'A key', role: 'ADMIN' }, { as: admin });
      const revocation = path(`/api-keys/${key.id}?withdrawInvitations=true`);
      const [invited, revoked] = await race(
        round,
        () => invite(key.key as string),
        () => another.api.delete(revocation, { as: admin }),
      );
      expect([201, 401, 403]).toContain(invited.status);
      const open = await count(`invitations WHERE status = 'PENDING' AND invited_by_id = $1`, key.id as string);
      return `revoke ${revoked.status}, ${open} open`;
    });
    expectOnly(outcomes, 'revoke 204, 0 open');
  });

  it('leave no personal key that was made with a session while its password was changed', async () => {
    // Delete SessionsService.requireLive: the key is written beside the revocation, which does not see it.
    const person = await buildMember(app, admin, acme);
    let passwords = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    const outcomes = await play(async () => {
      const stolen = await signIn(app, person.email, passwords.currentPassword);
      const own = await signIn(app, person.email, passwords.currentPassword);
      const blocker = app.dataSource.createQueryRunner();
      await blocker.startTransaction();
      await blocker.query('LOCK TABLE audit_events IN SHARE ROW EXCLUSIVE MODE');
      const changing = another.api.put('/me/password', passwords, { as: own });
      await eventually(async () => expect(await waiting()).toBe(1));
      const making = app.api.post('/me/api-keys', { name: 'A key' }, { as: stolen });
      await eventually(async () => expect(await waiting()).toBe(2));
      await blocker.commitTransaction();
      await blocker.release();
      const [changed, made] = await Promise.all([changing, making]);
      passwords = { currentPassword: passwords.newPassword, newPassword: passwords.currentPassword };
      const left = await count('api_keys WHERE revoked_at IS NULL AND user_id = $1', person.id);
      return `change ${changed.status}, make ${made.status}, ${left} left`;
    }, FEW_ROUNDS);
    expectOnly(outcomes, 'change 204, make 401, 0 left');
  });
});
