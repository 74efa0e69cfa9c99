import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { isDatabaseAway, isDeadlock, isForeignName, isStalePlan } from './database-errors.js';

type Callback = () => void;

/** What a transaction writes last, by which it can be told afterwards whether it was committed. */
export interface Mark {
  leave(tx: EntityManager): Promise<void>;
  isLeft(): Promise<boolean>;
}

const ATTEMPTS = 3;

/** Runs writes that belong together, and what may happen only once they are there for everyone to see. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly afterCommits = new WeakMap<EntityManager, Callback[]>();
  private markOfNow: () => Mark | null = () => null;

  constructor(private readonly dataSource: DataSource) {}

  /** Begins again, up to three times, when PostgreSQL ended the transaction to resolve a deadlock, or did not know its prepared statements. `work` must not touch anything but `tx`. */
  async run<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.runOnce(work);
      } catch (error) {
        if (!mayPass(error) || attempt === ATTEMPTS) throw error;
        this.logger.warn(`Ended by PostgreSQL (${String(error)}), attempt ${attempt} of ${ATTEMPTS}`);
      }
    }
  }

  /** `markOfNow` is asked as each transaction begins; null: it leaves none. */
  markedBy(markOfNow: () => Mark | null): void {
    this.markOfNow = markOfNow;
  }

  /** One statement, which needs a transaction only to leave a mark. */
  async statement<Row>(text: string, values: unknown[]): Promise<Row[]> {
    return this.markOfNow() ? this.run((tx) => tx.query(text, values)) : this.dataSource.query(text, values);
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

  private async runOnce<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const callbacks: Callback[] = [];
    const mark = this.markOfNow();
    const results: T[] = [];
    try {
      await this.dataSource.transaction(async (tx) => {
        this.afterCommits.set(tx, callbacks);
        const result = await work(tx);
        await mark?.leave(tx);
        results.push(result);
      });
    } catch (error) {
      const isInDoubt = results.length > 0 && isDatabaseAway(error);
      if (!isInDoubt || !(await mark?.isLeft().catch(() => false))) throw error;
    }
    callbacks.forEach((callback) => callback());
    return results[0];
  }
}

const mayPass = (error: unknown): boolean => isDeadlock(error) || isStalePlan(error) || isForeignName(error);
