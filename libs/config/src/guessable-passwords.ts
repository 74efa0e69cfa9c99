import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const LIST = '@zxcvbn-ts/language-common/src/passwords.json';
const TRAILING = /[\d\s\p{P}\p{S}]+$/u;

/** Whose password it is, and where. */
export interface PasswordContext {
  email: string;
  /** The platform's name. */
  platform: string;
}

/** Why a password of 8 characters or more is too easy to guess, and what to do; null when it is not. */
export function weaknessOf(password: string, { email, platform }: PasswordContext): string | null {
  if (isCommon(password)) return 'this password is among the most common ones; choose another';
  const stem = stemOf(password);
  const [name] = email.split('@');
  if ([email, name, platform].some((word) => stemOf(word) === stem))
    return "this password is your address or the platform's name; choose another";
  return null;
}

let list: string | undefined;

/** Looks for the password in the list's text, as JSON writes it: parsed, the list would take six times the memory. */
function isCommon(password: string): boolean {
  list ??= readFileSync(createRequire(import.meta.url).resolve(LIST), 'latin1');
  return list.includes(JSON.stringify(password.toLowerCase()));
}

/** Without the digits and punctuation behind it, unless there is nothing else. */
function stemOf(text: string): string {
  const plain = text.trim().toLowerCase();
  return plain.replace(TRAILING, '') || plain;
}
