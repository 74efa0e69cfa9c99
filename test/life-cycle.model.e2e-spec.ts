import fc from 'fast-check';
import { startApp, type TestApp } from './support/app.js';
import { onServer } from './support/database.js';
import { type Person, signInAdmin } from './support/factories.js';
import { repeated } from './support/length.js';
import { KINDS, type Step, World } from './support/life-cycle.world.js';

const SEED = Number(process.env.TEST_SEED ?? 20_261_120);
const STEPS = onServer() ? repeated(10_000) : 500;
const STEPS_IN_A_WORLD = 250;
const WORLDS_AT_ONCE = 4;
const COMPARE_ALL_EVERY = 25;
const SHRINK_FOR = 30_000;

const OFTEN: readonly Step['kind'][] = [
  'invite',
  'invite',
  'invite',
  'accept',
  'accept',
  'resend',
  'change',
  'readmit',
  'readmit',
];
const AS_OFTEN_AS_THE_OWNER = ['owner', 'ann', 'ann', 'bob'] as const;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS, ...OFTEN),
  actor: fc.constantFrom(...AS_OFTEN_AS_THE_OWNER),
  address: fc.nat(4),
  pick: fc.nat(10_000),
  grants: fc.record({
    role: fc.constantFrom('MEMBER', 'MEMBER', 'ADMIN', 'OWNER', null),
    project: fc.constantFrom('VIEWER', 'EDITOR'),
  }),
  coin: fc.nat(59),
});

const chunk = <T>(all: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));

describe('the life of invitations', () => {
  let app: TestApp;
  let root: Person;

  beforeAll(async () => {
    // Thousands of requests, each once more by outsiders, would say no more than the other suites do.
    app = await startApp({}, { replay: false });
    root = await signInAdmin(app);
    const { body } = await app.api.get('/platform', { as: root });
    const limits = Object.fromEntries(Object.keys(body.limits).map((name) => [name, null]));
    await app.api.patch('/platform', { limits }, { as: root });
  });
  afterAll(() => app.stop());

  /** The number of steps that went well, and what was wrong with the next one; null when all went well. */
  async function walk(steps: Step[]): Promise<{ walked: number; error: unknown } | null> {
    const world = await new World(app).open(root);
    for (const [index, each] of steps.entries()) {
      try {
        await world.walk(each);
        if (index % COMPARE_ALL_EVERY === 0 || index === steps.length - 1) await world.compareAll();
      } catch (error) {
        return { walked: index, error };
      }
    }
    return null;
  }

  /** Leaves out what is not needed to go wrong, halves first. */
  async function shrink(steps: Step[], error: unknown): Promise<{ steps: Step[]; error: unknown }> {
    const until = Date.now() + SHRINK_FOR;
    for (let size = Math.floor(steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let start = 0; start < steps.length && Date.now() < until;) {
        const fewer = steps.toSpliced(start, size);
        const failure = await walk(fewer);
        if (failure) ({ steps, error } = { steps: fewer.slice(0, failure.walked + 1), error: failure.error });
        else start += size;
      }
    }
    return { steps, error };
  }

  const worlds = chunk(fc.sample(step, { seed: SEED, numRuns: STEPS }), STEPS_IN_A_WORLD);

  it.each(chunk(worlds, WORLDS_AT_ONCE).map((some) => [some.flat().length, some] as const))(
    'is what the model says, %i random steps long',
    async (_length, some) => {
      const take = async (world: Step[]): Promise<void> => {
        const failure = await walk(world);
        if (!failure) return;
        const least = await shrink(world.slice(0, failure.walked + 1), failure.error);
        const told = least.steps.map((each) => JSON.stringify(each)).join('\n');
        throw new Error(`TEST_SEED=${SEED} leads here:\n${told}\n${String(least.error)}`);
      };
      await Promise.all(some.map(take));
    },
  );
});
