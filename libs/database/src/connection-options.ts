import { Logger } from '@nestjs/common';
import type { Configuration } from '@usher/config';
import type pg from 'pg';
import type { EntitySchema, MigrationInterface, DataSourceOptions } from 'typeorm';
import type { EmbeddedDatabase } from './embedded-database.js';
import { preparingClient } from './prepared-statements.js';
import { SnakeCaseNaming } from './snake-case-naming.js';
import { sessionSettings } from './session-settings.js';
import { watchedClient } from './watched-client.js';

/** For a connection, a free one or a new one; those who have waited so long are told to come again. */
const LONGEST_WAIT = 5_000;

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
  const logger = new Logger('Database');
  const longestStatement = configuration.DATABASE_TIMEOUT_SECONDS * 1_000;
  return {
    url: configuration.DATABASE_URL,
    applicationName: 'usher',
    poolSize: configuration.DATABASE_POOL_SIZE,
    poolErrorHandler: (error: unknown) => logger.warn(`A connection was lost: ${String(error)}`),
    extra: {
      pipeline: true,
      connectionTimeoutMillis: LONGEST_WAIT,
      keepAlive: true,
      Client: watchedClient(preparingClient(), longestStatement),
      onConnect: (client: pg.Client) => client.query(sessionSettings(longestStatement)),
    },
  };
}
