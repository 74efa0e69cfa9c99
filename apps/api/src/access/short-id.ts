import { randomInt } from 'node:crypto';
import { isUUID } from 'class-validator';

/** Without the letters and digits that people mistake for one another. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const LENGTH = 8;
const SHAPE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

export const newShortId = (): string =>
  Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** Whether the text, in lower case, can be the id of what a parameter names: a uuid, or of an organisation its short id as well. */
export const isIdOf = (parameter: string, text: string): boolean =>
  isUUID(text) || (parameter === 'organisationId' && isShortId(text));

export const isShortId = (text: string): boolean => SHAPE.test(text);
