import { FORBIDDEN, NEWCOMERS, ONE, READING, REFUSED, type Way, WITH_KEY, WITH_OWNER } from './budget.table.js';
import { MANY, OF_DIALECTS, READ_BY_DIALECTS } from './budget.dialects.table.js';
import type { Asked } from './support/counted-database.js';
import { CountedWorld } from './support/counted-world.js';
import { describeOnServer } from './support/races.js';

/** Statements and round trips, those of the guard and of BEGIN and COMMIT among them. */
interface Budget {
  statements: number;
  roundTrips: number;
}

/** Every way of asking for something costs about the same, whatever is asked for. */
const BUDGETS: [string, Budget, Way[]][] = [
  ['one invitation', { statements: 13, roundTrips: 4 }, [...ONE, ...REFUSED, ...OF_DIALECTS]],
  ['a refusal that is written down', { statements: 15, roundTrips: 5 }, FORBIDDEN],
  ['a new account', { statements: 16, roundTrips: 6 }, NEWCOMERS],
  ['one invitation, once', { statements: 15, roundTrips: 6 }, WITH_KEY],
  ['an organisation and its owner', { statements: 20, roundTrips: 7 }, WITH_OWNER],
  ['any number of invitations', { statements: 20, roundTrips: 5 }, MANY],
  ['reading', { statements: 3, roundTrips: 3 }, [...READING, ...READ_BY_DIALECTS]],
];

describeOnServer('what one request asks of the database', () => {
  let world: CountedWorld;
  const counted = new Map<string, Asked>();

  beforeAll(async () => {
    world = await CountedWorld.open();
  });
  afterAll(async () => {
    if (process.env.SHOW_BUDGET) console.log(table(counted));
    await world.close();
  });

  describe.each(BUDGETS)('for %s', (_what, budget, ways) => {
    it.each(ways)('%s', async (what, status, prepare) => {
      const asked = await world.count(await prepare(world));
      counted.set(what, asked);
      expect(asked.status).toBe(status);
      const isWithin = asked.statements.length <= budget.statements && asked.roundTrips <= budget.roundTrips;
      if (!isWithin) throw new Error(`${what}: ${asked.roundTrips} round trips, ${list(asked)}`);
    });
  });

  it('is as many statements for 1,000 invitations as for 10', () => {
    // Before a large body is read, its sender's credential is looked up.
    const [credential, ...others] = counted.get('bulk of 1,000')?.statements ?? [];
    expect(credential).toMatch(/^WITH credential/);
    expect(others).toEqual(counted.get('bulk of 10')?.statements);
    expect(counted.get('GoRules: invite ten')?.statements).toEqual(counted.get('GoRules: invite one')?.statements);
  });
});

const list = ({ statements }: Asked): string => `${statements.length} statements:\n${statements.join('\n')}`;

/** As `docs/benchmarks.md` has it. */
const table = (counted: Map<string, Asked>): string =>
  [...counted]
    .map(([what, { statements, roundTrips }]) => `| ${what} | ${statements.length} | ${roundTrips} |`)
    .join('\n');
