import { StatementNames } from './prepared-statements.js';

const use = (names: StatementNames, text: string, times: number): (string | undefined)[] =>
  Array.from({ length: times }, () => names.nameOf(text));

describe('StatementNames', () => {
  it('names a statement from its fifth use on, always alike', () => {
    const names = new StatementNames();
    const [first, second, third, fourth, fifth, sixth] = use(names, 'SELECT $1', 6);
    expect([first, second, third, fourth]).toEqual([undefined, undefined, undefined, undefined]);
    expect(fifth).toMatch(/^usher_[0-9a-f]{24}$/);
    expect(sixth).toBe(fifth);
    expect(use(new StatementNames(), 'SELECT $1', 5).at(-1)).toBe(fifth);
  });

  it('names at most 256, and never one that was forgotten', () => {
    const names = new StatementNames();
    for (let number = 0; number < 256; number += 1) use(names, `SELECT $1 + ${number}`, 5);
    expect(names.nameOf('SELECT $1 + 255')).toBeDefined();
    expect(use(names, 'SELECT $1 + 256', 10).at(-1)).toBeUndefined();
    names.forget('SELECT $1 + 255');
    expect(use(names, 'SELECT $1 + 255', 10)).toEqual(Array.from({ length: 10 }, () => undefined));
    expect(use(names, 'SELECT $1 + 256', 10).at(-1)).toBeUndefined();
  });
});
