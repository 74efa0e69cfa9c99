import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { isConflict, isDatabaseAway, isDeadlock, isForeignName, isStalePlan } from './database-errors.js';
import { flush, sql, type Statement } from './statement.js';

type Callback = () => void;

/** What a transaction writes last, by which it can be told afterwards whether it was committed. */
export interface Mark {
  leave(tx: EntityManager): Promise<void>;
  isLeft(): Promise<boolean>;
}

/**
 * The last writes of a transaction: they travel with COMMIT. `result` is made of the rows of each statement.
 * A unique index or a foreign key that refuses one of them means a concurrent update.
 */
export class LastWrites<T> {
  constructor(
    readonly statements: readonly Statement[],
    readonly result: (rows: unknown[][]) => T,
  ) {}
}

/** What was decided rests on rows that another transaction has changed meanwhile: read them again, and decide again. */
export class ConcurrentUpdateError extends Error {}

type Work<T> = (tx: EntityManager) => Promise<T | LastWrites<T>>;

const ATTEMPTS = 5;

/** Runs writes that belong together, and what may happen only once they are there for everyone to see. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly afterCommits = new WeakMap<EntityManager, Callback[]>();
  private markOfNow: () => Mark | null = () => null;

  constructor(private readonly dataSource: DataSource) {}

  /**
   * BEGIN travels with the first statement of `work`, COMMIT with the `LastWrites` that it answers, if any. `work` must not touch anything but `tx`.
   * Begins again, up to five times, when `work` ran into a concurrent update, when PostgreSQL ended a deadlock, or did not know its prepared statements.
   */
  async run<T>(work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.runOnce(work);
      } catch (error) {
        if (!mayPass(error) || attempt === ATTEMPTS) throw error;
        this.logger.warn(`Begun again (${String(error)}), attempt ${attempt} of ${ATTEMPTS}`);
      }
    }
  }

  /** `markOfNow` is asked as each transaction begins; null: it leaves none. */
  markedBy(markOfNow: () => Mark | null): void {
    this.markOfNow = markOfNow;
  }

  /** Calls back once, after the transaction of `tx` has committed; never when it was rolled back. */
  afterCommit(tx: EntityManager, callback: Callback): void {
    const callbacks = this.afterCommits.get(tx);
    if (!callbacks) throw new Error('afterCommit needs the entity manager of a running transaction');
    callbacks.push(callback);
  }

  /** The same, and at once where no transaction of ours runs. */
  onceCommitted(tx: EntityManager, callback: Callback): void {
    const callbacks = this.afterCommits.get(tx);
    if (callbacks) callbacks.push(callback);
    else callback();
  }

  private async runOnce<T>(work: Work<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const callbacks: Callback[] = [];
    this.afterCommits.set(runner.manager, callbacks);
    try {
      const begun = begin(runner);
      const done = await this.workAndCommit(runner, work);
      await begun;
      callbacks.forEach((callback) => callback());
      return done;
    } finally {
      await runner.release();
    }
  }

  private async workAndCommit<T>(runner: QueryRunner, work: Work<T>): Promise<T> {
    const mark = this.markOfNow();
    const tx = runner.manager;
    let last: LastWrites<T>;
    try {
      last = asLastWrites(await work(tx));
      await mark?.leave(tx);
    } catch (error) {
      await rollBack(runner);
      throw error;
    }
    return this.commit(runner, last, mark);
  }

  /** A connection that is lost now leaves it open whether the transaction was committed; the mark tells. */
  private async commit<T>(runner: QueryRunner, last: LastWrites<T>, mark: Mark | null): Promise<T> {
    try {
      const rows = await flush(runner.manager, [...last.statements, COMMIT]);
      return last.result(rows.slice(0, -1));
    } catch (error) {
      if (isConflict(error)) throw new ConcurrentUpdateError(String(error), { cause: error });
      if (!isDatabaseAway(error) || !(await mark?.isLeft().catch(() => false))) throw error;
      return last.result([]);
    } finally {
      setActive(runner, false);
    }
  }
}

const COMMIT = sql('COMMIT');

/** Not waited for: what comes next travels with it. */
function begin(runner: QueryRunner): Promise<unknown> {
  setActive(runner, true);
  const begun = runner.query('START TRANSACTION');
  begun.catch(() => undefined); // what comes next fails as well, and says so
  return begun;
}

/** A connection that was lost has rolled back by itself. */
async function rollBack(runner: QueryRunner): Promise<void> {
  await runner.query('ROLLBACK').catch(() => undefined);
  setActive(runner, false);
}

/** TypeORM takes pessimistic locks only where it knows of a transaction; its own `startTransaction` would wait for the answer. */
function setActive(runner: QueryRunner, isActive: boolean): void {
  (runner as { isTransactionActive: boolean }).isTransactionActive = isActive; // as: see above
}

const asLastWrites = <T>(done: T | LastWrites<T>): LastWrites<T> =>
  done instanceof LastWrites ? done : new LastWrites([], () => done);

const mayPass = (error: unknown): boolean =>
  error instanceof ConcurrentUpdateError || isDeadlock(error) || isStalePlan(error) || isForeignName(error);
