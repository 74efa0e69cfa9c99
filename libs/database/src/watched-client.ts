import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { endsConnection, markAsAway } from './database-errors.js';
import { ALLOWS_LONG, LONGEST_WORK } from './session-settings.js';

/** Of the database, to tell of a statement that took too long; one that says nothing then is not there. */
const MARGIN = 5_000;

interface WithStream {
  connection: { stream: Duplex };
}

/**
 * A connection that ends itself when it is of no use any more: the database is silent, gone, or no longer the one that may write.
 * Who waits for an answer is told at once, and the pool opens another.
 */
export function watchedClient(Base: typeof pg.Client, longestStatement: number): typeof pg.Client {
  return class WatchedClient extends markingClient(Base) {
    private patience = longestStatement + MARGIN;
    private unanswered = 0;
    private timer?: NodeJS.Timeout;

    constructor(options?: string | pg.ClientConfig) {
      super(options);
      // Between the pool and its user nobody listens for a moment: an end in this moment would end the process.
      this.on('error', () => undefined);
      const query = this.query.bind(this) as (...call: unknown[]) => Promise<unknown>; // as: TypeORM waits for the promise
      this.query = ((...call: unknown[]) => this.watch(call[0], query(...call))) as pg.Client['query']; // as: the same calls
    }

    private async watch(statement: unknown, answer: Promise<unknown>): Promise<unknown> {
      if (statement === ALLOWS_LONG) this.patience = LONGEST_WORK + MARGIN;
      if (statement === 'COMMIT' || statement === 'ROLLBACK') this.patience = longestStatement + MARGIN;
      this.unanswered += 1;
      if (this.unanswered === 1) this.waitForNext();
      try {
        return await answer;
      } catch (error) {
        if (endsConnection(error)) void this.end();
        throw error;
      } finally {
        this.unanswered -= 1;
        this.waitForNext();
      }
    }

    /** Statements that were sent together run one after the other: each has its own time. */
    private waitForNext(): void {
      clearTimeout(this.timer);
      if (this.unanswered > 0) this.timer = setTimeout(() => this.cut(), this.patience);
    }

    /** `end` alone would wait for the answers to what was sent together. */
    private cut(): void {
      void this.end();
      (this as unknown as WithStream).connection.stream.destroy(); // as: its types leave it out
    }
  };
}

/** Whatever keeps it from connecting, the database is away. */
function markingClient(Base: typeof pg.Client): typeof pg.Client {
  return class MarkingClient extends Base {
    // as: the pool hands over a callback
    override connect = ((onConnected: (error?: Error) => void): void => {
      super.connect((error?: Error) => {
        if (error) markAsAway(error);
        onConnected(error);
      });
    }) as pg.Client['connect'];
  };
}
