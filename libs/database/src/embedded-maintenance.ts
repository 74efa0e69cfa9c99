import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EmbeddedDatabase } from './embedded-database.js';

export const EMBEDDED_DATABASE = Symbol('embedded database, or null');
const CHECKPOINT_EVERY = 60_000;
const VACUUM_EVERY = 3_600_000;

/** The embedded database has no background processes: its log is written back and its tables are tidied from here. */
@Injectable()
export class EmbeddedMaintenance implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger(EmbeddedMaintenance.name);
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly dataSource: DataSource,
    @Inject(EMBEDDED_DATABASE) private readonly embedded: EmbeddedDatabase | null,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.embedded) return;
    this.timers = [this.every(CHECKPOINT_EVERY, 'CHECKPOINT'), this.every(VACUUM_EVERY, 'VACUUM (ANALYZE)')];
  }

  onModuleDestroy(): void {
    this.timers.forEach((timer) => clearInterval(timer));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.embedded?.close();
  }

  /** Through the pool, so that it waits for a running transaction to end. */
  private every(milliseconds: number, statement: string): NodeJS.Timeout {
    const run = (): void => {
      this.dataSource.query(statement).catch((error) => this.logger.warn(`${statement} failed: ${String(error)}`));
    };
    return setInterval(run, milliseconds).unref();
  }
}
