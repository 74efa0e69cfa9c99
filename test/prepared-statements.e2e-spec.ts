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

  const nameOf = (id: number): Promise<{ name: unknown }[]> =>
    app.dataSource.query('SELECT * FROM things WHERE id = $1', [id]);

  it('are kept by PostgreSQL for what is asked often', async () => {
    await Promise.all(Array.from({ length: OFTEN }, () => nameOf(1)));
    const names = await app.dataSource.transaction(async (tx) => {
      await tx.query('SELECT * FROM things WHERE id = $1', [1]);
      return tx.query<{ name: string }[]>('SELECT name FROM pg_prepared_statements');
    });
    expect(names.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^usher_/));
  });

  it('outlive a change of their tables, in a transaction and outside', async () => {
    // Delete `isStalePlan` in Transactions, or the second `query` of PreparingClient: "cached plan must not change result type".
    await Promise.all(Array.from({ length: OFTEN }, () => nameOf(1)));
    await app.dataSource.query('ALTER TABLE things ALTER COLUMN name TYPE integer USING name::integer');
    const inside = await app.nest
      .get(Transactions)
      .run((tx) => tx.query<object[]>('SELECT * FROM things WHERE id = $1', [1]));
    expect(inside).toEqual([{ id: 1, name: 7 }]);
    for (let number = 0; number < OFTEN; number += 1) expect(await nameOf(1)).toEqual([{ id: 1, name: 7 }]);
    expect(await nameOf(2)).toEqual([]);
  });
});
