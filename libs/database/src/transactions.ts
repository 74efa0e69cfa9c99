import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { isDeadlock, isForeignName, isStalePlan } from './database-errors.js';

type Callback = () => void;

const ATTEMPTS = 3;

/** Runs writes that belong together, and what may happen only once they are there for everyone to see. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly afterCommits = new WeakMap<EntityManager, Callback[]>();

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
    const result = await this.dataSource.transaction((tx) => {
      this.afterCommits.set(tx, callbacks);
      return work(tx);
    });
    callbacks.forEach((callback) => callback());
    return result;
  }
}

const mayPass = (error: unknown): boolean => isDeadlock(error) || isStalePlan(error) || isForeignName(error);
