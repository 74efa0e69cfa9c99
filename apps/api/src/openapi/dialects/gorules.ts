import type { OperationNotes } from '../operation-notes.js';

/** What the routes do not say of themselves. */
export const GORULES_OPERATIONS: Readonly<Record<string, OperationNotes>> = {};
