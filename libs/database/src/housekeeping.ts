import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { allowLong } from './session-settings.js';

const HOUR = 3_600_000;
/** Rows that a statement takes: locks are short, and a day that was missed is made up for. */
const BATCH = 1_000;

/** Rows that are of no use any more. */
export interface Chore {
  table: string;
  where: string;
  /** What an index is in the order of, where `where` alone would read the table. */
  order?: string;
  /** What is forgotten of the rows; without it they are deleted. */
  set?: string;
  /** What the transaction says first. */
  first?: string;
}

/** Deletes or empties what nobody can use any more, once an hour, some rows at a time; several replicas may do so at once. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Housekeeping.name);
  private readonly chores = new Map<string, Chore>();
  private timer?: NodeJS.Timeout;
  private stopped = false;

  constructor(private readonly dataSource: DataSource) {}

  register(name: string, chore: Chore): void {
    this.chores.set(name, chore);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), HOUR);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    for (const [name, chore] of this.chores) {
      try {
        await this.doAll(name, chore);
      } catch (error) {
        this.logger.warn(`${name} failed, and will be tried again in an hour: ${String(error)}`);
      }
    }
  }

  private async doAll(name: string, chore: Chore): Promise<void> {
    let rows = 0;
    for (let count = BATCH; count === BATCH && !this.stopped; rows += count) count = await this.doSome(chore);
    if (rows > 0) this.logger.log(`${name}: ${rows} rows`);
  }

  /** Answers how many rows it was. */
  private async doSome(chore: Chore): Promise<number> {
    const [, count]: [unknown[], number] = await this.dataSource.transaction(async (tx) => {
      await allowLong(tx);
      if (chore.first) await tx.query(chore.first);
      return tx.query(statementOf(chore));
    });
    return count;
  }
}

/** Rows in somebody's hands are left for the next time. */
function statementOf({ table, where, order, set }: Chore): string {
  const some = `SELECT ctid FROM ${table} WHERE ${where} ${order ? `ORDER BY ${order}` : ''} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;
  return `${set ? `UPDATE ${table} SET ${set}` : `DELETE FROM ${table}`} WHERE ctid = ANY (ARRAY (${some}))`;
}
