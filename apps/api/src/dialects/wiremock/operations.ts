import type { OperationNotes } from '../../openapi/operations.js';

/** What the routes do not say of themselves. */
export const WIREMOCK_OPERATIONS: Readonly<Record<string, OperationNotes>> = {};
