import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { weaknessOf } from './guessable-passwords.js';

const CONTEXT = { email: 'kim.lee87@example.com', platform: 'Acme Cloud' };

describe('a password', () => {
  it.each(['password', 'Password1', 'TRUSTNO1', '12345678', '1q2w3e4r', 'iloveyou'])('is common: %s', (password) => {
    expect(weaknessOf(password, CONTEXT)).toMatch(/most common/);
  });

  it.each([
    'kim.lee87@example.com',
    'KIM.LEE87@EXAMPLE.COM!!',
    'kim.lee1987',
    'Kim.Lee87',
    'acme cloud',
    'Acme Cloud #1',
  ])('is what stands around the person: %s', (password) => {
    expect(weaknessOf(password, CONTEXT)).toMatch(/address or the platform/);
  });

  it.each([
    'correct horse battery',
    'first-admin-password',
    'kim.lee went to sea',
    'my acme cloud',
    'example.com',
    '","123456789',
    'password","qwerty',
    '83610482951',
    '\u{1F600}'.repeat(8),
  ])('is neither: %s', (password) => {
    expect(weaknessOf(password, CONTEXT)).toBeNull();
  });

  it('of digits alone is not taken for an address of digits', () => {
    const context = { email: '4711@example.com', platform: '42' };
    expect(weaknessOf('83610482951', context)).toBeNull();
    expect(weaknessOf('4711', context)).toMatch(/address/);
  });

  it('is looked for among 3,000 common ones of eight characters or more, and each is found', () => {
    const file = createRequire(import.meta.url).resolve('@zxcvbn-ts/language-common/src/passwords.json');
    const list = JSON.parse(readFileSync(file, 'utf8')) as string[]; // as: the package's list
    const long = list.filter((password) => password.length >= 8).slice(0, 3_000);
    expect(long).toHaveLength(3_000);
    expect(long.filter((password) => weaknessOf(password, CONTEXT) === null)).toEqual([]);
  });
});
