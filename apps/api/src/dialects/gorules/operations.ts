import type { OperationNotes } from '../../openapi/operations.js';

/** What the routes do not say of themselves. */
export const GORULES_OPERATIONS: Readonly<Record<string, OperationNotes>> = {};
