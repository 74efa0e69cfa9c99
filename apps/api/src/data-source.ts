import { loadConfiguration } from '@usher/config';
import { connectionOptions, openEmbeddedDatabase } from '@usher/database';
import { DataSource } from 'typeorm';
import { schema } from './schema.js';

const configuration = loadConfiguration(process.env);
const embedded = configuration.DATABASE_URL ? null : await openEmbeddedDatabase(configuration.DATA_DIR);

/** The database for TypeORM's command line, which `npm run migration:generate` uses; the server has its own connection. */
export default new DataSource(connectionOptions(configuration, schema, embedded));
