import type { Configuration } from '@usher/config';
import type { EntitySchema, MigrationInterface, DataSourceOptions } from 'typeorm';
import type { EmbeddedDatabase } from './embedded-database.js';
import { preparingClient } from './prepared-statements.js';
import { SnakeCaseNaming } from './snake-case-naming.js';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

export interface Schema {
  entities: (EntitySchema | (abstract new () => object))[];
  migrations: (new () => MigrationInterface)[];
}

/** How to reach the database: the server of `DATABASE_URL`, or the embedded one that was opened instead. */
export function connectionOptions(
  configuration: Configuration,
  schema: Schema,
  embedded: EmbeddedDatabase | null,
): PostgresOptions {
  return {
    type: 'postgres',
    entities: schema.entities,
    migrations: schema.migrations,
    migrationsTableName: 'migrations',
    namingStrategy: new SnakeCaseNaming(),
    installExtensions: false,
    ...(embedded ? { driver: embedded.driver } : serverOptions(configuration)),
  };
}

function serverOptions(configuration: Configuration): Partial<PostgresOptions> {
  return {
    url: configuration.DATABASE_URL,
    applicationName: 'usher',
    poolSize: configuration.DATABASE_POOL_SIZE,
    extra: { connectionTimeoutMillis: 10_000, Client: preparingClient() },
  };
}
