import { domainToASCII, domainToUnicode } from 'node:url';
import { isEmail } from 'class-validator';

const ADDRESS = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{1,253}$/;
export const LONGEST_ADDRESS = 254;

/** Whether people can sign in and be invited with it: one plain ASCII address in lower case, international domains in punycode. */
export const isEmailAddress = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= LONGEST_ADDRESS && ADDRESS.test(value) && isEmail(value);

/** ASCII alone: elsewhere toLowerCase makes a plain k of the Kelvin sign, and so another person's address of this one. */
export const lowerCased = ({ value }: { value: unknown }): unknown => {
  const text = typeof value === 'string' ? value.trim() : value;
  if (typeof text !== 'string' || text.length > LONGEST_ADDRESS) return text;
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
};

const NOT_ASCII = /\P{ASCII}/u;

/** Lower-case, and the domain in punycode. */
export const storedAddress = (value: unknown): unknown => {
  const address = lowerCased({ value });
  if (typeof address !== 'string' || address.length > LONGEST_ADDRESS) return address;
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return NOT_ASCII.test(domain) ? address.slice(0, -domain.length) + inPunycode(domain) : address;
};

/** As it is when it holds characters that punycode cannot name, such as full-width letters, which would become another domain. */
function inPunycode(domain: string): string {
  const isNamed = domain.split('.').every((label) => !NOT_ASCII.test(label) || domainToASCII(label).startsWith('xn--'));
  const ascii = domainToASCII(domain);
  return isNamed && domainToUnicode(ascii) === domain.toLowerCase().normalize('NFC') ? ascii : domain;
}
