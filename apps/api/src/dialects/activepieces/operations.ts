import type { OperationNotes } from '../../openapi/operations.js';

/** What the routes do not say of themselves. */
export const ACTIVEPIECES_OPERATIONS: Readonly<Record<string, OperationNotes>> = {};
