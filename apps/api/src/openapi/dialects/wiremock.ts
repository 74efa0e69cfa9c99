import type { OperationNotes } from '../operation-notes.js';

/** What the routes do not say of themselves. */
export const WIREMOCK_OPERATIONS: Readonly<Record<string, OperationNotes>> = {};
