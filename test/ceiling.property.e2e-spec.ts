import fc from 'fast-check';
import { startApp, type TestApp } from './support/app.js';
import { type Action, CeilingWorld, GIVEABLE, KINDS, PROJECT_PERMISSIONS, type Seed } from './support/ceiling.world.js';
import { buildOrganisation, type Person, signInAdmin } from './support/factories.js';
import { insertMember, insertPerson } from './support/sql-factories.js';

const SEED = Number(process.env.TEST_SEED ?? 20_261_120);
const RUNS = 18;
const MOST_ACTIONS = 45;

/** Nearly everybody may try nearly everything, so that it is the ceiling that decides. */
const MANAGING = GIVEABLE.filter((permission) => permission.endsWith(':manage') || permission === 'members:read');
const OFTEN: readonly Action['kind'][] = ['invite', 'invite', 'accept', 'accept', 'changeRole', 'editRole'];

const pick = fc.nat(1_000);
const managing = (minLength: number) => fc.subarray(MANAGING, { minLength });
const union = (...sets: string[][]): string[] => [...new Set(sets.flat())];
const organisationRole = fc
  .tuple(managing(MANAGING.length - 2), fc.subarray<string>(GIVEABLE))
  .map((sets) => union(...sets));
const seed: fc.Arbitrary<Seed> = fc.record({
  organisationRoles: fc.array(organisationRole, { minLength: 4, maxLength: 4 }),
  projectRoles: fc.array(fc.subarray([...PROJECT_PERMISSIONS]), { minLength: 3, maxLength: 3 }),
  members: fc.array(fc.record({ role: pick, projects: fc.array(fc.option(pick), { minLength: 2, maxLength: 2 }) }), {
    minLength: 5,
    maxLength: 5,
  }),
});
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...KINDS, ...OFTEN),
  actor: pick,
  target: pick,
  project: pick,
  role: pick,
  projectRole: pick,
  permissions: fc.subarray<string>(GIVEABLE, { maxLength: 6 }),
});

describe('the ceiling', () => {
  let app: TestApp;
  let root: Person;

  beforeAll(async () => {
    // What outsiders may do is shown by the other suites; here it would be the same requests hundreds of times.
    app = await startApp({}, { replay: false });
    root = await signInAdmin(app);
    const { body } = await app.api.get('/platform', { as: root });
    const limits = Object.fromEntries(Object.keys(body.limits).map((name) => [name, null]));
    await app.api.patch('/platform', { limits }, { as: root });
  });
  afterAll(() => app.stop());

  it('holds whatever people with random roles grant one another, and refuses nobody who holds enough', async () => {
    const total = { granted: 0, refused: 0, other: 0 };
    const property = fc.asyncProperty(
      fc.array(action, { maxLength: MOST_ACTIONS, size: 'max' }),
      seed,
      async (actions, roles) => {
        const world = await new CeilingWorld(app, root).open(roles);
        for (const each of actions) await world.take(each);
        for (const outcome of Object.keys(total) as (keyof typeof total)[]) total[outcome] += world.tally[outcome]; // as: its own keys
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
    // A walk in which nobody grants, or nobody is refused for reaching too high, would show nothing.
    expect(total.granted).toBeGreaterThan(20);
    expect(total.refused).toBeGreaterThan(20);
  });

  it('is asked again at the moment of acceptance, whatever became of the roles since', async () => {
    const outcomes = { accepted: 0, closed: 0 };
    const permissions = fc.subarray<string>(GIVEABLE);
    const property = fc.asyncProperty(permissions, permissions, permissions, async (granted, inviters, edit) => {
      const acme = await buildOrganisation(app, root);
      const inviter = await insertPerson(app.dataSource);
      const invitee = await insertPerson(app.dataSource);
      const role = async (key: string, holds: string[]): Promise<string> => {
        const fields = { key, name: key, scope: 'ORGANISATION', permissions: holds };
        return (await app.api.post(`/organisations/${acme.id}/roles`, fields, { as: root })).body.id;
      };
      const inviting = ['invitations:manage', 'invitations:link'];
      const theirs = await role('INVITER', union(inviting, inviters));
      const given = await role(
        'GIVEN',
        union(inviting, inviters).filter((each) => granted.includes(each)),
      );
      await insertMember(app.dataSource, acme.id, inviter.id, theirs);
      const invitation = { email: invitee.email, role: given, sendEmail: false };
      const { status, body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: inviter });
      expect([status, body.code]).toEqual([201, undefined]);

      await app.api.patch(`/roles/${theirs}`, { permissions: union(inviting, edit) }, { as: root });
      const mayStillGive = mayGive(await rolesOf(acme.id), theirs, given);
      const accepted = await app.api.post('/invitations/accept', { token: tokenIn(body.link) }, { as: invitee });
      expect(accepted.status).toBe(mayStillGive ? 200 : 410);
      outcomes[mayStillGive ? 'accepted' : 'closed'] += 1;
    });
    await fc.assert(property, { seed: SEED, numRuns: 60 });
    expect(outcomes.accepted).toBeGreaterThan(3);
    expect(outcomes.closed).toBeGreaterThan(3);
  });

  type Roles = { id: string; permissions: string[] }[];
  const rolesOf = async (organisationId: string): Promise<Roles> =>
    (await app.api.get(`/organisations/${organisationId}/roles?limit=100`, { as: root })).body.data;
  const held = (roles: Roles, id: string): string[] => roles.find((role) => role.id === id)?.permissions ?? [];
  const mayGive = (roles: Roles, inviters: string, given: string): boolean =>
    held(roles, given).every((permission) => held(roles, inviters).includes(permission));
  const tokenIn = (link: string): string => link.split('#token=')[1];
});
