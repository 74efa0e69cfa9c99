import { freshBytes } from '@usher/config';
import { v7 } from 'uuid';

let last = { msecs: 0, seq: 0 };

/** A UUID that grows with time, so that new rows land together in their index. Users get random ids instead (`randomUUID`). */
export function newId(): string {
  const random = freshBytes(16);
  const now = Date.now();
  // Half the numbers are left for the ids of the same millisecond, which count on.
  if (now > last.msecs) last = { msecs: now, seq: random.readUInt32BE(6) >>> 1 };
  else last.seq += 1;
  return v7({ random, ...last });
}
