import { currentRequest } from '@usher/http';
import { MailDispatcher } from '../libs/mailer/src/mail-dispatcher.js';
import { startApp, type TestApp } from './support/app.js';
import { buildOrganisation, buildProject, newAddress, type Organisation, type Person } from './support/factories.js';
import { signInAdmin } from './support/factories.js';

type Row = Record<string, unknown>;

/** Of a request that makes invitations, and of one that changes them. */
const MOST_STATEMENTS = 40;

describe('the statements of a request that invites many', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let projects: Row[];

  beforeAll(async () => {
    app = await startApp();
    await app.nest.get(MailDispatcher).onModuleDestroy(); // what it asks would be counted as well
    root = await signInAdmin(app);
    await app.api.patch('/platform', { limits: { invitationsPerInviterPerDay: 10_000 } }, { as: root });
    acme = await buildOrganisation(app, root);
    const project = await buildProject(app, root, acme);
    projects = [{ projectId: project.id, role: 'VIEWER' }];
  });
  afterAll(() => app.stop());

  it('are as many for a thousand as for ten', async () => {
    // Ask anything of the database for a single row, and they differ.
    const [ten, thousand] = [rows(10), rows(1_000)];
    expect(await statementsOf(thousand, 'created')).toEqual(await statementsOf(ten, 'created'));
    const [tenChanged, thousandChanged] = [changed(ten), changed(thousand)];
    expect(await statementsOf(thousandChanged, 'updated')).toEqual(await statementsOf(tenChanged, 'updated'));
  });

  it('are none to answer what was made: it is what reading would answer', async () => {
    const path = `/organisations/${acme.id}/invitations`;
    const before = (await app.api.post(path, { email: newAddress(), role: 'MEMBER' }, { as: root })).body;
    await app.api.delete(`/invitations/${before.id}`, { as: root });
    const wordy = {
      givenName: 'Kim',
      message: 'Welcome!',
      locale: 'de',
      metadata: { b: [1], a: null },
      reminder: false,
    };
    const invitations = [
      ...rows(2),
      { ...rows(1)[0], ...wordy, expiresInHours: 5 },
      { email: before.email, role: 'MEMBER' },
    ];
    const { body } = await app.api.post(`${path}/bulk`, { invitations }, { as: root });
    expect(body.results[3].invitation.inviteeId).toBe(before.inviteeId);
    for (const { invitation } of body.results) {
      const { link: _link, ...shown } = invitation;
      expect((await app.api.get(`/invitations/${shown.id}`, { as: root })).body).toEqual(shown);
    }
  });

  const rows = (many: number): Row[] =>
    Array.from({ length: many }, (_, index) => ({
      email: newAddress(),
      role: 'MEMBER',
      ...(index % 2 ? { projects } : { sendEmail: false }),
    }));
  const changed = (all: Row[]): Row[] => all.map((row) => ({ ...row, role: 'ADMIN' }));

  async function statementsOf(invitations: Row[], outcome: string): Promise<string[]> {
    const { logger } = app.dataSource;
    const statements: string[] = [];
    const logQuery = (query: string) => currentRequest() && statements.push(query.trim().slice(0, 60));
    Object.assign(app.dataSource, { logger: { logQuery } });
    const { body } = await app.api.post(`/organisations/${acme.id}/invitations/bulk`, { invitations }, { as: root });
    Object.assign(app.dataSource, { logger });
    for (const result of body.results) expect(result).toMatchObject({ outcome });
    expect(statements.length).toBeLessThan(MOST_STATEMENTS);
    return statements;
  }
});
