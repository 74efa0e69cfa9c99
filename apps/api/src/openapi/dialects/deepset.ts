import type { OperationNotes } from '../operation-notes.js';

/** What the routes do not say of themselves. */
export const DEEPSET_OPERATIONS: Readonly<Record<string, OperationNotes>> = {};
