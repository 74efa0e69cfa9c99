export { DatabaseModule } from './database.module.js';
export { createdAt, timestamp, updatedAt } from './columns.js';
export { connectionOptions } from './connection-options.js';
export { openEmbeddedDatabase, type EmbeddedDatabase } from './embedded-database.js';
export { DomainEvents } from './domain-events.js';
export { Housekeeping } from './housekeeping.js';
export { newId } from './new-id.js';
export { Transactions } from './transactions.js';
export { violates } from './database-errors.js';
