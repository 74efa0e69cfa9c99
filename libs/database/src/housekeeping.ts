import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { allowLong } from './time-limits.js';

const HOUR = 3_600_000;

/** Deletes what nobody can use any more, once an hour; several replicas may do so at once. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Housekeeping.name);
  private readonly chores = new Map<string, string>();
  private timer?: NodeJS.Timeout;

  constructor(private readonly dataSource: DataSource) {}

  /** `statement` is one SQL statement, run on its own. */
  register(name: string, statement: string): void {
    this.chores.set(name, statement);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), HOUR);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    for (const [name, statement] of this.chores) {
      try {
        await this.dataSource.transaction(async (tx) => {
          await allowLong(tx);
          await tx.query(statement);
        });
      } catch (error) {
        this.logger.warn(`${name} failed, and will be tried again in an hour: ${String(error)}`);
      }
    }
  }
}
