import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import {
  DataSource,
  type DataSourceOptions,
  type EntitySubscriberInterface,
  EventSubscriber,
  MigrationExecutor,
  type QueryRunner,
  type TransactionStartEvent,
} from 'typeorm';

/** Any number, as long as every replica of Usher uses the same one. */
const MIGRATION_LOCK = 5_107_426_388;
const ASK_EVERY = 500;

/** Opens the server's database when it is migrated; any number of replicas may start at once. */
export async function openMigrated(options: DataSourceOptions): Promise<DataSource> {
  const own = { entities: [], subscribers: [Unhurried], poolSize: 2, extra: { Client: CalmClient } };
  const migrating = await new DataSource({ ...options, ...own } as DataSourceOptions).initialize(); // as: the same kind of database
  try {
    await refuseForeignEncoding(migrating);
    await whileLocked(migrating, () => runPending(migrating));
  } finally {
    await migrating.destroy();
  }
  return new DataSource(options).initialize();
}

/** The embedded database has one session, and nobody else. */
export async function openMigratedEmbedded(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = await new DataSource(options).initialize();
  await runPending(dataSource);
  return dataSource;
}

async function runPending(dataSource: DataSource): Promise<void> {
  const executor = new MigrationExecutor(dataSource);
  executor.transaction = 'each';
  await executor.executePendingMigrations().catch((error: unknown) => {
    throw inWords(error);
  });
}

/** Other encodings cannot keep every name, and fail on the first one. */
async function refuseForeignEncoding(dataSource: DataSource): Promise<void> {
  const [{ encoding }] = await dataSource.query<[{ encoding: string }]>(
    `SELECT current_setting('server_encoding') AS encoding`,
  );
  if (encoding === 'UTF8') return;
  throw new Error(
    `Usher cannot start: the database of DATABASE_URL is encoded in ${encoding}. Make one with CREATE DATABASE usher TEMPLATE template0 ENCODING 'UTF8'`,
  );
}

/** What the owner of the database has to do. */
function inWords(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string }; // as: its fields are optional
  if (code === '42501') {
    return new Error(
      `Usher cannot migrate: ${message}. Let the owner of the database run GRANT CREATE, USAGE ON SCHEMA public TO the user of DATABASE_URL, or name one who may (docs/operations.md)`,
    );
  }
  if (code !== '3F000') return error;
  return new Error(`Usher cannot migrate: ${message}. The search_path of DATABASE_URL's user must name a schema that exists`); // prettier-ignore
}

/**
 * The lock is a transaction's, on a second connection: it ends with its process, and through PgBouncer as well.
 * Who waits asks again and again: a statement that waited would hold up `CREATE INDEX CONCURRENTLY` of who migrates.
 */
async function whileLocked(dataSource: DataSource, work: () => Promise<void>): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    if (!(await isOurs(lock))) {
      new Logger('Migrations').log('Another replica migrates; waiting for it');
      do await delay(ASK_EVERY);
      while (!(await isOurs(lock)));
    }
    await work();
  } finally {
    if (lock.isTransactionActive) await lock.rollbackTransaction().catch(() => undefined); // it may have ended with its connection
    await lock.release();
  }
}

/** Begins the transaction that holds the lock, or none. */
async function isOurs(lock: QueryRunner): Promise<boolean> {
  await lock.startTransaction();
  // as: what the statement selects
  const [{ got }] = (await lock.query('SELECT pg_try_advisory_xact_lock($1) AS got', [MIGRATION_LOCK])) as [
    { got: boolean },
  ];
  if (!got) await lock.rollbackTransaction();
  return got;
}

/** Migrations take the time they need, but let nobody queue behind a lock that they wait for: they fail, and are run again. */
@EventSubscriber()
class Unhurried implements EntitySubscriberInterface {
  async afterTransactionStart({ queryRunner }: TransactionStartEvent): Promise<void> {
    await queryRunner.query('SET LOCAL statement_timeout = 0');
    await queryRunner.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await queryRunner.query(`SET LOCAL lock_timeout = '10s'`);
  }
}

/** A connection that is lost between two statements ends the migration, not the process. */
class CalmClient extends pg.Client {
  constructor(options?: string | pg.ClientConfig) {
    super(options);
    this.on('error', () => undefined);
  }
}
