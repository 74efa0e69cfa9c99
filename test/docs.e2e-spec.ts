import { existsSync, readFileSync } from 'node:fs';

const SECURITY = readFileSync('docs/security.md', 'utf8');
/** `test/file.e2e-spec.ts` › "words of the test" */
const PROOF = /`([\w/.-]+\.(?:(?:e2e|long)-)?spec\.ts)` › "([^"]+)"/g;
const ROWS = SECURITY.split('\n').filter((line) => /^\| \d/.test(line));

describe('docs/security.md', () => {
  const proofs = [...SECURITY.matchAll(PROOF)].map(([, file, words]) => [file, words]);

  it('names tests, each as a file and its words', () => {
    expect(proofs.length).toBeGreaterThan(80);
    expect(SECURITY.match(/spec\.ts/g)).toHaveLength(proofs.length);
  });

  it.each(proofs)('names a test that is there: %s › %s', (file, words) => {
    expect(existsSync(file)).toBe(true);
    expect(titlesIn(file)).toContain(words);
  });

  it('answers each requirement once, and in a row of four cells', () => {
    const numbers = ROWS.map((row) => row.split(' ')[1]);
    for (const number of numbers) expect(number).toMatch(/^\d+\.\d+\.\d+$/);
    expect(numbers.length).toBeGreaterThan(100);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const row of ROWS) expect(row.split(' | ')).toHaveLength(4);
  });

  it('says of each requirement by which test it is kept, or why by none', () => {
    const unproven = ROWS.filter((row) => !row.includes('spec.ts') && !/\| (not met|no test: .+) +\|$/.test(row));
    expect(unproven).toEqual([]);
  });

  it('is linked, as SECURITY.md is', () => {
    expect(readFileSync('README.md', 'utf8')).toContain('(docs/security.md)');
    for (const file of ['README.md', 'CONTRIBUTING.md']) expect(readFileSync(file, 'utf8')).toContain('(SECURITY.md)');
  });
});

/** What `it('…',` and `it.each(…)('…',` say, as it is written there. */
function titlesIn(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [
    ...source.matchAll(/(?<!describe|InBrowser)\(\s*(?:'((?:\\.|[^'\\\n])+)'|"([^"\n]+)"),\s*(?:async )?\(/g),
  ].map(([, single, double]) => single ?? double);
}
