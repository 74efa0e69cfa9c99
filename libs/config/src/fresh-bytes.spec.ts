import { freshBytes } from './fresh-bytes.js';

describe('fresh bytes', () => {
  it('are as many as asked for, and never the same ones', () => {
    const drawn = Array.from({ length: 3_000 }, () => freshBytes(32));
    expect(new Set(drawn.map((bytes) => bytes.length))).toEqual(new Set([32]));
    expect(new Set(drawn.map((bytes) => bytes.toString('hex'))).size).toBe(3_000);
    expect(drawn).not.toContainEqual(Buffer.alloc(32));
  });

  it('belong to who asked', () => {
    const mine = freshBytes(16);
    const before = mine.toString('hex');
    for (let n = 0; n < 2_000; n += 1) freshBytes(16);
    expect(mine.toString('hex')).toBe(before);
  });

  it('are few', () => {
    expect(() => freshBytes(10_000)).toThrow(RangeError);
  });
});
