import { type DataSource, MigrationExecutor } from 'typeorm';

/** Any number, as long as every replica of Usher uses the same one. */
const MIGRATION_LOCK = 5_107_426_388;

/** Runs pending migrations on one connection under an advisory lock, so that any number of replicas may start at once. */
export async function migrate(dataSource: DataSource): Promise<void> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    await queryRunner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(dataSource, queryRunner);
    executor.transaction = 'each';
    await executor.executePendingMigrations();
  } finally {
    await queryRunner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await queryRunner.release();
  }
}
