import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';

/** In milliseconds. */
const ANSWER_AFTER = 150;

/** Work whose answer must not tell, by its time, what the work found. */
@Injectable()
export class BackgroundWork implements BeforeApplicationShutdown {
  private readonly logger = new Logger(BackgroundWork.name);
  private readonly running = new Set<Promise<void>>();

  /** Resolves after a fixed delay, however long the work takes; errors are logged as those of `name`. */
  async start(name: string, work: () => Promise<void>): Promise<void> {
    const running = work()
      .catch((error: unknown) => this.logger.error(`The ${name} failed: ${String(error)}`))
      .finally(() => this.running.delete(running));
    this.running.add(running);
    await delay(ANSWER_AFTER);
  }

  /** The connections to the database close only after this. */
  async beforeApplicationShutdown(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
