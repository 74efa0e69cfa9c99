import { createHash } from 'node:crypto';
import pg from 'pg';
import { isForeignName, isStalePlan } from './database-errors.js';

/** Statements that run this often are worth keeping prepared. */
const OFTEN = 5;
/** A connection of PostgreSQL keeps each in its memory, with its plan. */
const MOST = 256;
/** Texts whose use is counted at a time; statements that are put together anew for each request must not fill the memory. */
const MOST_COUNTED = 2_000;

/** Finds the statements that a process runs again and again; each gets a name that says its text. */
export class StatementNames {
  private readonly names = new Map<string, string>();
  private readonly uses = new Map<string, number>();
  private readonly unwanted = new Set<string>();
  private isGivenUp = false;

  /** Undefined: run it without a name. */
  nameOf(text: string): string | undefined {
    return this.names.get(text) ?? this.count(text);
  }

  /** Its plan no longer fits the tables, as after a migration beside us: from now on it runs without a name. */
  forget(text: string): void {
    this.names.delete(text);
    this.unwanted.add(text);
  }

  /** Connections are not our own: from now on nothing has a name. */
  giveUp(): void {
    this.names.clear();
    this.isGivenUp = true;
  }

  private count(text: string): string | undefined {
    if (this.isGivenUp || this.names.size + this.unwanted.size >= MOST || this.unwanted.has(text)) return undefined;
    const uses = (this.uses.get(text) ?? 0) + 1;
    if (uses < OFTEN) {
      if (this.uses.size >= MOST_COUNTED) this.uses.clear();
      this.uses.set(text, uses);
      return undefined;
    }
    this.uses.delete(text);
    const name = `usher_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
    this.names.set(text, name);
    return name;
  }
}

/**
 * A connection that keeps the process's frequent statements prepared: PostgreSQL parses and plans them once, not at every call,
 * which halves its work for short statements. A new connection prepares them again as they come.
 */
export function preparingClient(): typeof pg.Client {
  const names = new StatementNames();
  return class PreparingClient extends pg.Client {
    // as: of the many ways to call it, TypeORM uses a text with values, and waits for the promise
    override query = ((statement: unknown, values?: unknown[], ...rest: unknown[]) => {
      const query = super.query.bind(this) as (...call: unknown[]) => Promise<unknown>; // as: see above
      const isPlain = typeof statement === 'string' && Array.isArray(values) && values.length > 0 && rest.length === 0;
      const name = isPlain ? names.nameOf(statement) : undefined;
      if (!isPlain || !name) return query(statement, values, ...rest);
      return query({ name, text: statement, values }).catch((error: unknown) => {
        if (isForeignName(error)) names.giveUp();
        else if (isStalePlan(error)) names.forget(statement);
        else throw error;
        // Inside a transaction this fails as well: it is over, and whoever runs it begins again.
        return query(statement, values).catch(() => Promise.reject(error as Error)); // as: node-postgres rejects with errors
      });
    }) as pg.Client['query'];
  };
}
