import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { lockFolder } from './folder-lock.js';

export interface EmbeddedDatabase {
  /** Takes the place of the `pg` package in TypeORM. */
  driver: object;
  close(): Promise<void>;
  /** The whole database as a tar archive. */
  dump(): Promise<Buffer>;
}

/**
 * Opens PostgreSQL inside this process, in `folder`, or in memory for `memory://`.
 * `template` names an archive made by `dump`, to begin with instead of an empty database.
 */
export async function openEmbeddedDatabase(folder: string, template?: string): Promise<EmbeddedDatabase> {
  const inMemory = folder.startsWith('memory://');
  const unlock = inMemory ? async () => undefined : await prepareFolder(folder);
  const loadDataDir = template ? new Blob([readFileSync(template)]) : undefined;
  const { PGlite, createPgConfig } = await load();
  const database = await PGlite.create(inMemory ? folder : join(resolve(folder), 'postgres'), { loadDataDir });
  return {
    driver: driverFor(database, createPgConfig(database)),
    close: async () => {
      await database.close();
      await unlock();
    },
    dump: async () => Buffer.from(await (await database.dumpDataDir('none')).arrayBuffer()),
  };
}

/** Imported here, so that whoever has a server pays nothing for it. */
async function load() {
  const [{ PGlite }, { createPgConfig }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/node-postgres'),
  ]);
  return { PGlite, createPgConfig };
}

/** PGlite writes its files readable by everyone, so the folder keeps others out. */
async function prepareFolder(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return lockFolder(path);
}

/** node-postgres as TypeORM expects it, with a pool of one: the embedded database has a single session. */
function driverFor(database: PGlite, config: object): object {
  class Client extends pg.Client {
    constructor(options?: pg.ClientConfig) {
      super({ ...options, ...config, pipeline: true });
    }
  }
  class Pool extends pg.Pool {
    constructor(options?: pg.PoolConfig) {
      const client = Client as unknown as new () => pg.ClientBase; // as: the pool only calls the constructor
      super({
        ...options,
        Client: client,
        max: 1,
        idleTimeoutMillis: 0,
        connectionTimeoutMillis: 30_000,
      });
      // A client thrown away in the middle of a transaction must not hand it to the next one.
      this.on('remove', () => {
        if (!database.closed && database.isInTransaction()) void database.exec('ROLLBACK');
      });
    }
  }
  return { ...pg, Pool, Client };
}
