import { isEmail } from 'class-validator';

const ADDRESS = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{1,253}$/;
export const LONGEST_ADDRESS = 254;

/** Whether people can sign in and be invited with it: one plain ASCII address in lower case, international domains in punycode. */
export const isEmailAddress = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= LONGEST_ADDRESS && ADDRESS.test(value) && isEmail(value);

/** ASCII alone: elsewhere toLowerCase makes a plain k of the Kelvin sign, and so another person's address of this one. */
export const lowerCased = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : value;
