import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Configuration } from '@usher/config';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { connectionOptions, type Schema } from './connection-options.js';
import { DatabaseClock } from './database-clock.js';
import { DomainEvents } from './domain-events.js';
import { type EmbeddedDatabase, openEmbeddedDatabase } from './embedded-database.js';
import { EMBEDDED_DATABASE, EmbeddedMaintenance } from './embedded-maintenance.js';
import { Housekeeping } from './housekeeping.js';
import { openMigrated, openMigratedEmbedded } from './migrate.js';
import { SqlSpans } from './sql-spans.js';
import { Transactions } from './transactions.js';

const openWhenNoServer = (configuration: Configuration): Promise<EmbeddedDatabase> | null =>
  configuration.DATABASE_URL ? null : openEmbeddedDatabase(configuration.DATA_DIR, configuration.EMBEDDED_TEMPLATE);

@Global()
@Module({
  providers: [{ provide: EMBEDDED_DATABASE, inject: [Configuration], useFactory: openWhenNoServer }],
  exports: [EMBEDDED_DATABASE],
})
class EmbeddedDatabaseModule {}

/** The connection: opened and migrated before anything else starts, closed after everything else has stopped. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(schema: Schema): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        EmbeddedDatabaseModule,
        TypeOrmModule.forRootAsync({
          inject: [Configuration, EMBEDDED_DATABASE],
          useFactory: (configuration: Configuration, embedded: EmbeddedDatabase | null) => ({
            ...connectionOptions(configuration, schema, embedded),
            retryAttempts: embedded ? 0 : 10,
            subscribers: configuration.OTEL_EXPORTER_OTLP_ENDPOINT ? [SqlSpans] : [],
          }),
          dataSourceFactory: open,
        }),
      ],
      providers: [Transactions, DatabaseClock, DomainEvents, Housekeeping, EmbeddedMaintenance],
      exports: [Transactions, DatabaseClock, DomainEvents, Housekeeping],
    };
  }
}

async function open(options?: DataSourceOptions): Promise<DataSource> {
  if (options?.type !== 'postgres') throw new Error('The database has no connection options');
  return options.driver ? openMigratedEmbedded(options) : openMigrated(options);
}
