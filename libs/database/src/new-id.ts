import { v7 } from 'uuid';

/** A UUID that grows with time, so that new rows land together in their index. Users get random ids instead (`randomUUID`). */
export const newId = (): string => v7();
