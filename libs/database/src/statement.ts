import type { EntityManager } from 'typeorm';

/** SQL with its values, ready to be sent; `Row` is what it answers. */
export interface Statement<Row = unknown> {
  text: string;
  values: readonly unknown[];
  /** Never set: it keeps the type of the rows. */
  row?: Row;
}

export const sql = <Row = unknown>(text: string, values: readonly unknown[] = []): Statement<Row> => ({ text, values });

/** The rows of each statement, in the order of the statements. */
export type RowsOf<Statements extends readonly Statement[]> = {
  [Index in keyof Statements]: Statements[Index] extends Statement<infer Row> ? Row[] : never;
};

/**
 * Sends statements together, which costs one round trip: PostgreSQL runs them in their order, and each sees what the ones before it wrote or waited for.
 * Every answer has arrived when this ends. Throws the first error, the cause of all behind it.
 */
export async function flush<const Statements extends readonly Statement[]>(
  tx: EntityManager,
  statements: Statements,
): Promise<RowsOf<Statements>> {
  const { queryRunner } = tx;
  if (!queryRunner) throw new Error('flush needs the entity manager of a running transaction');
  const answers = await Promise.allSettled(
    statements.map(({ text, values }) => queryRunner.query(text, [...values], true)),
  );
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value.records as unknown[];
  }) as RowsOf<Statements>; // as: one answer for each statement
}

/**
 * Several INSERTs, UPDATEs or DELETEs as one statement. Each sees the tables as they were before, and none may start with WITH.
 * Foreign keys are checked when all are done.
 */
export function inOneStatement(writes: readonly Statement[]): Statement {
  const values: unknown[] = [];
  const parts = writes.map(({ text, values: own }, index) => {
    const offset = values.length;
    values.push(...own);
    return `write_${index} AS (${text.replace(/\$(\d+)/g, (_whole, place: string) => `$${Number(place) + offset}`)})`;
  });
  return sql(`WITH ${parts.join(',\n')} SELECT 1`, values);
}
