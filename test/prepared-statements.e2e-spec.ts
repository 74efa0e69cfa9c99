import { Transactions } from '@usher/database';
import { startApp, type TestApp } from './support/app.js';
import { describeOnServer } from './support/races.js';

/** Often enough that every connection of the pool has it prepared. */
const OFTEN = 200;

describeOnServer('prepared statements', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
    await app.dataSource.query('CREATE TABLE things (id integer PRIMARY KEY, name text)');
    await app.dataSource.query(`INSERT INTO things VALUES (1, '7')`);
  });
  afterAll(() => app.stop());

  const inside = 'SELECT * FROM things WHERE id = $1';
  const outside = 'SELECT name FROM things WHERE id = $1';
  const often = (statement: string): Promise<unknown[]> =>
    Promise.all(Array.from({ length: OFTEN }, () => app.dataSource.query<unknown>(statement, [1])));

  it('are kept by PostgreSQL for what is asked often', async () => {
    await often(outside);
    const names = await app.dataSource.transaction(async (tx) => {
      await tx.query(outside, [1]);
      return tx.query<{ name: string }[]>('SELECT name FROM pg_prepared_statements');
    });
    expect(names.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^usher_/));
  });

  it('are planned once, whatever their values', async () => {
    // Delete plan_cache_mode in session-settings.ts: PostgreSQL plans each statement at least five times, and some at every call.
    await often(outside);
    const [{ anew }] = await app.dataSource.transaction(async (tx) => {
      await tx.query(outside, [1]);
      return tx.query<[{ anew: number }]>('SELECT sum(custom_plans)::int AS anew FROM pg_prepared_statements');
    });
    expect(anew).toBe(0);
  });

  it('outlive a change of their tables, in a transaction and outside', async () => {
    // Delete `isStalePlan` in Transactions, or the second `query` of PreparingClient: "cached plan must not change result type".
    await often(inside);
    await often(outside);
    await app.dataSource.query('ALTER TABLE things ALTER COLUMN name TYPE integer USING name::integer');
    const transactions = app.nest.get(Transactions);
    expect(await transactions.run((tx) => tx.query<object[]>(inside, [1]))).toEqual([{ id: 1, name: 7 }]);
    const answers = await often(outside);
    expect(answers).toEqual(Array.from({ length: OFTEN }, () => [{ name: 7 }]));
  });
});
