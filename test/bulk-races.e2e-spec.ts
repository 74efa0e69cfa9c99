import { startApp, startInstance, type TestApp } from './support/app.js';
import type { Answer, Client } from './support/client.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';
import { describeOnServer, expectOnly, play, race } from './support/races.js';
import { builtIn, insertMember, insertPerson } from './support/sql-factories.js';

const ROWS = 12;
/** Each round has some dozens of invitations, and they meet one another at many points. */
const ROUNDS = 15;

describeOnServer('many invitations on two servers at once', () => {
  let app: TestApp;
  let another: Awaited<ReturnType<typeof startInstance>>;
  let admin: Person;
  let acme: Organisation;

  beforeAll(async () => {
    // Hundreds of requests, each once more by outsiders, would say no more than the other suites do.
    app = await startApp({}, { replay: false });
    another = await startInstance(app.environment);
    admin = await signInAdmin(app);
    const unlimited = { invitationsPerInviterPerDay: null, invitationsPerOrganisationPerDay: null };
    await app.api.patch('/platform', { limits: { ...unlimited, mailsPerRecipientPerDay: null } }, { as: admin });
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, admin);
  });
  afterAll(async () => {
    await another.nest.close();
    await app.stop();
  });

  it('invite each address once when two requests have the same ones, in whatever order', async () => {
    // Delete the line on isConflict in Transactions.commit: one of the two is refused as a whole.
    const outcomes = await play(async (round) => {
      const emails = Array.from({ length: ROWS }, () => newAddress());
      const answers = await race(
        round,
        () => bulk(app.api, emails),
        () => bulk(another.api, emails.toReversed()),
      );
      const { created, skipped } = tally(answers);
      return `${statusesOf(answers)}: ${created} created, ${skipped} skipped, ${await openFor(emails)} open, ${await mailsTo(emails)} mails`;
    }, ROUNDS);
    expectOnly(outcomes, `200 200: ${ROWS} created, ${ROWS} skipped, ${ROWS} open, ${ROWS} mails`);
  });

  it('invite each address once when many requests have some of the same ones', async () => {
    // As above, with more who overtake one another.
    const outcomes = await play(async () => {
      const emails = Array.from({ length: ROWS }, () => newAddress());
      const some = (from: number) => [...emails.slice(from), ...emails.slice(0, from)].slice(0, ROWS / 2);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => bulk(index % 2 ? another.api : app.api, some(index * 2))),
      );
      const isFine = answers.every(({ status }) => status === 200);
      return `${isFine} ${tally(answers).created} created, ${await openFor(emails)} open, ${await mailsTo(emails)} mails`;
    }, ROUNDS);
    expectOnly(outcomes, `true ${ROWS} created, ${ROWS} open, ${ROWS} mails`);
  });

  it('change each open invitation once when two requests change the same ones', async () => {
    // Delete FOR NO KEY UPDATE in InvitationRepository.lock: both send every one of them again.
    const outcomes = await play(async (round) => {
      const emails = Array.from({ length: ROWS }, () => newAddress());
      await bulk(app.api, emails);
      const answers = await race(
        round,
        () => bulk(app.api, emails, 'ADMIN'),
        () => bulk(another.api, emails.toReversed(), 'ADMIN'),
      );
      const { updated, skipped } = tally(answers);
      return `${statusesOf(answers)}: ${updated} updated, ${skipped} skipped, ${await openFor(emails)} open`;
    }, ROUNDS);
    expectOnly(outcomes, `200 200: ${ROWS} updated, ${ROWS} skipped, ${ROWS} open`);
  });

  it('make one invitation of a row and of a request of its own', async () => {
    // Delete the line on isConflict in Transactions.commit: one of the two is refused.
    const outcomes = await play(async (round) => {
      const emails = Array.from({ length: ROWS }, () => newAddress());
      const [many, single] = await race(
        round,
        () => bulk(app.api, emails),
        () => invite(another.api, emails[ROWS / 2]),
      );
      const { created, skipped } = tally([many]);
      return `${many.status}: ${created} created, ${skipped} skipped, ${single.status}, ${await openFor(emails)} open`;
    });
    const [first, second] = ['skipped, 409', 'skipped, 201'];
    expectOnly(outcomes, `200: 12 created, 0 ${first}, 12 open`, `200: 11 created, 1 ${second}, 12 open`);
  });

  it('leave no open invitation of somebody who is removed while inviting', async () => {
    // Guarded twice: delete FOR SHARE in LOCK_ORGANISATION (issue) and in LOCK_MEMBERSHIP (access).
    const outcomes = await play(async (round) => {
      const leaver = await insertPerson(app.dataSource);
      await insertMember(app.dataSource, acme.id, leaver.id, builtIn('ORGANISATION', 'ADMIN'));
      const emails = Array.from({ length: ROWS }, () => newAddress());
      const [many, removed] = await race(
        round,
        () => bulk(app.api, emails, 'MEMBER', leaver),
        () => another.api.delete(`/organisations/${acme.id}/members/${leaver.id}`, { as: admin }),
      );
      expect([200, 403, 404]).toContain(many.status);
      return `remove ${removed.status}, ${await openFor(emails)} open`;
    }, ROUNDS);
    expectOnly(outcomes, 'remove 204, 0 open');
  });

  it('give no more seats than there are', async () => {
    // Delete FOR NO KEY UPDATE in LOCK_ORGANISATION (issue).
    const outcomes = await play(async (round) => {
      acme = await buildOrganisation(app, admin);
      await app.api.put(`/organisations/${acme.id}/plan`, { invitationsEnabled: true, seatLimit: 11 }, { as: admin });
      const addresses = () => Array.from({ length: 8 }, () => newAddress());
      const [mine, theirs] = [addresses(), addresses()];
      const answers = await race(
        round,
        () => bulk(app.api, mine),
        () => bulk(another.api, theirs),
      );
      const { created, failed } = tally(answers);
      return `${statusesOf(answers)}: ${created} created, ${failed} failed, ${await openFor([...mine, ...theirs])} open`;
    }, ROUNDS);
    expectOnly(outcomes, '200 200: 10 created, 6 failed, 10 open');
  });

  it('count a recipient exactly', async () => {
    // Delete `WHERE counter.hits < …` in takingEach (sending counters).
    await app.api.patch(
      '/platform',
      { limits: { mailsPerRecipientPerDay: 3, resendCooldownSeconds: null } },
      { as: admin },
    );
    const emails = Array.from({ length: ROWS }, () => newAddress());
    await bulk(app.api, emails);
    const roles = ['ADMIN', 'MEMBER', 'ADMIN', 'MEMBER', 'ADMIN', 'MEMBER'];
    const answers = await Promise.all(
      roles.map((role, index) => bulk(index % 2 ? another.api : app.api, emails, role)),
    );
    expect(answers.map(({ status }) => status)).toEqual(roles.map(() => 200));
    const sent: { sent: number }[] = await app.dataSource.query(
      'SELECT max(send_count)::int AS sent FROM invitations WHERE email = ANY ($1)',
      [emails],
    );
    expect(sent).toEqual([{ sent: 3 }]);
    await app.api.patch(
      '/platform',
      { limits: { mailsPerRecipientPerDay: null, resendCooldownSeconds: 60 } },
      { as: admin },
    );
  });

  const bulk = (api: Client, emails: string[], role = 'MEMBER', as = admin): Promise<Answer> =>
    api.post(
      `/organisations/${acme.id}/invitations/bulk`,
      { invitations: emails.map((email) => ({ email, role })) },
      { as },
    );
  const invite = (api: Client, email: string): Promise<Answer> =>
    api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: admin });

  const statusesOf = (answers: Answer[]): string => answers.map(({ status }) => status).join(' ');
  /** How many rows ended how, over all answers. */
  function tally(answers: Answer[]): Record<string, number> {
    const ends: Record<string, number> = { created: 0, updated: 0, skipped: 0, failed: 0 };
    for (const { outcome } of answers.flatMap(({ body }) => body.results ?? [])) ends[outcome] += 1;
    return ends;
  }

  const count = async (from: string, emails: string[]): Promise<number> => {
    const [{ rows }] = await app.dataSource.query(`SELECT count(*)::int AS rows FROM ${from}`, [emails]);
    return rows;
  };
  const openFor = (emails: string[]) => count(`invitations WHERE status = 'PENDING' AND email = ANY ($1)`, emails);
  const mailsTo = (emails: string[]) => count('mail_messages WHERE to_address = ANY ($1)', emails);
});
