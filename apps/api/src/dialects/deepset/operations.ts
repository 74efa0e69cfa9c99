import type { OperationNotes } from '../../openapi/operations.js';

/** What the routes do not say of themselves. */
export const DEEPSET_OPERATIONS: Readonly<Record<string, OperationNotes>> = {};
