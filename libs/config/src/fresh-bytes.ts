import { randomFillSync } from 'node:crypto';

/** Asking the system for few bytes at a time takes longer than making them. */
const POOL_BYTES = 8_192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Bytes from a CSPRNG, a few at a time. They are given out once, and nothing of them stays behind. */
export function freshBytes(count: number): Buffer {
  if (count > POOL_BYTES) throw new RangeError(`Not more than ${POOL_BYTES} bytes at a time`);
  if (used + count > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = pool.subarray(used, used + count);
  const bytes = Buffer.from(taken);
  taken.fill(0);
  used += count;
  return bytes;
}
