import type { ColumnOptions } from 'typeorm';

/** A moment, to the millisecond: what JavaScript can hold, so that a page cursor names a row exactly. */
export const timestamp: ColumnOptions = { type: 'timestamptz', precision: 3 };
export const createdAt: ColumnOptions = { ...timestamp, default: () => 'now()' };
export const updatedAt: ColumnOptions = { ...createdAt };
