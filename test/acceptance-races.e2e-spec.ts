import { startApp, startInstance, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { buildOrganisation, buildProject, type Organisation, type Person, signInAdmin } from './support/factories.js';
import { describeOnServer, expectOnly, play, race, statuses } from './support/races.js';
import { builtIn, insertMember, insertPerson } from './support/sql-factories.js';

const ROUNDS = 25;
const ADMIN_ROLE = builtIn('ORGANISATION', 'ADMIN');

describeOnServer('accepting on one of two servers', () => {
  let app: TestApp;
  let another: Awaited<ReturnType<typeof startInstance>>;
  let root: Person;
  let acme: Organisation;

  beforeAll(async () => {
    app = await startApp({}, { replay: false }); // a replay between the requests would decide the race
    another = await startInstance(app.environment);
    root = await signInAdmin(app);
    const limits = { resendCooldownSeconds: null, invitationsPerInviterPerDay: 1_000_000 };
    await app.api.patch('/platform', { limits }, { as: root });
    acme = await buildOrganisation(app, root);
  });
  afterAll(async () => {
    await another.nest.close();
    await app.stop();
  });

  interface Invited {
    id: string;
    kim: Person;
    token: string;
  }

  async function invite(as: Person, fields: object = { role: 'MEMBER' }, known?: Person): Promise<Invited> {
    const kim = known ?? (await insertPerson(app.dataSource));
    const asked = { email: kim.email, ...fields };
    const { body } = await app.api.post(`/organisations/${acme.id}/invitations`, asked, { as });
    return { id: body.id as string, kim, token: await app.inbox.token(kim.email) };
  }

  const accept = ({ token, kim }: Invited, api = app.api): Promise<Answer> =>
    api.post('/invitations/accept', { token }, { as: kim });
  const rows = async (from: string, ...values: string[]): Promise<number> =>
    (await app.dataSource.query(`SELECT 1 FROM ${from}`, values)).length;
  const memberships = ({ kim }: Invited) => rows('memberships WHERE user_id = $1', kim.id);
  const events = (action: string, subject: string) =>
    rows('audit_events WHERE action = $1 AND subject_id = $2', action, subject);
  const statusOf = async ({ id }: Invited): Promise<string> =>
    (await app.api.get(`/invitations/${id}`, { as: root })).body.status as string;
  const endOf = async (invited: Invited) =>
    `${await statusOf(invited)}, ${await memberships(invited)} member, ${await events('member.joined', invited.kim.id)} joined`;

  it.each<[string, (inviter: Person) => Promise<Answer>]>([
    ['removed', ({ id }) => another.api.delete(`/organisations/${acme.id}/members/${id}`, { as: root })],
    ['demoted', ({ id }) => change(`/organisations/${acme.id}/members/${id}/role`, { role: 'MEMBER' })],
    ['suspended', ({ id }) => change(`/organisations/${acme.id}/members/${id}/status`, { status: 'SUSPENDED' })],
  ])('lets somebody in or finds the invitation withdrawn while the inviter is %s', async (_what, lose) => {
    // Guarded twice: delete FOR SHARE in LOCKS (accept), and FOR NO KEY UPDATE in InvitationRepository.lock.
    const outcomes = await play(async (round) => {
      const inviter = await insertPerson(app.dataSource);
      await insertMember(app.dataSource, acme.id, inviter.id, ADMIN_ROLE);
      const invited = await invite(inviter);
      const [accepted] = await race(
        round,
        () => accept(invited),
        () => lose(inviter),
      );
      return `${accepted.status}: ${await endOf(invited)}`;
    }, ROUNDS);
    expectOnly(outcomes, '200: ACCEPTED, 1 member, 1 joined', '410: REVOKED, 0 member, 0 joined');
  });

  const change = (path: string, body: object): Promise<Answer> => another.api.put(path, body, { as: root });

  it('lets somebody in or sends them a new link', async () => {
    // Let AcceptContextRepository.read find the invitation by its id: the old link opens it.
    const outcomes = await play(async (round) => {
      const invited = await invite(root);
      const [accepted, resent] = await race(
        round,
        () => accept(invited),
        () => another.api.post(`/invitations/${invited.id}/resend`, {}, { as: root }),
      );
      return `accept ${accepted.status}, resend ${resent.status}: ${await endOf(invited)}`;
    }, ROUNDS);
    const [won, lost] = [
      'accept 200, resend 409: ACCEPTED, 1 member, 1 joined',
      'accept 410, resend 200: PENDING, 0 member, 0 joined',
    ];
    expectOnly(outcomes, won, lost);
  });

  it('gives one person what two invitations grant', async () => {
    // Without memberships_pkey both would make a membership; the second one raises what the first one made.
    const outcomes = await play(async (round) => {
      const first = await invite(root, { role: 'ADMIN' });
      const project = await buildProject(app, root, acme);
      const asked = { email: first.kim.email, role: 'VIEWER' };
      await app.api.post(`/projects/${project.id}/invitations`, asked, { as: root });
      const second = { ...first, token: await app.inbox.token(first.kim.email, 2) };
      const answers = await race(
        round,
        () => accept(first),
        () => accept(second, another.api),
      );
      const { body } = await app.api.get(`/organisations/${acme.id}/members/${first.kim.id}`, { as: root });
      const inProject = await rows('project_memberships WHERE user_id = $1', first.kim.id);
      return `${statuses(answers)}: ${body.role.key}, ${inProject} project, ${await events('member.joined', first.kim.id)} joined`;
    }, ROUNDS);
    expectOnly(outcomes, '200 200: ADMIN, 1 project, 1 joined');
  });

  it('lets somebody in without the project that is deleted', async () => {
    const outcomes = await play(async (round) => {
      const project = await buildProject(app, root, acme);
      const invited = await invite(root, { role: 'MEMBER', projects: [{ projectId: project.id, role: 'VIEWER' }] });
      const [accepted, deleted] = await race(
        round,
        () => accept(invited),
        () => another.api.delete(`/projects/${project.id}`, { as: root }),
      );
      const inProject = await rows('project_memberships WHERE user_id = $1', invited.kim.id);
      return `accept ${accepted.status}, delete ${deleted.status}: ${await endOf(invited)}, ${inProject} project`;
    }, ROUNDS);
    expectOnly(outcomes, 'accept 200, delete 204: ACCEPTED, 1 member, 1 joined, 0 project');
  });
});
