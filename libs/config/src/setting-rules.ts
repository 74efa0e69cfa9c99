import { isIP } from 'node:net';
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { isEmailAddress, storedAddress } from './email-address.js';
import { originOf, webAddress } from './web-origin.js';

const HOST_NAME = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
const NETWORK = /^([^/]+)(?:\/(\d{1,3}))?$/;
/** Networks that the proxy rules of Fastify know by name. */
const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/** A rule of one setting: `read` takes what was written as it was meant; `problem` says what is wrong with what was read, or nothing. */
interface SettingRule {
  read?: (text: string) => unknown;
  problem: (value: unknown) => string | null | undefined;
}

const Setting = ({ read = (text) => text, problem }: SettingRule): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? read(value) : value)),
    ValidateBy({
      name: 'setting',
      validator: {
        validate: (value) => !problem(value),
        defaultMessage: (about) => `$property ${problem(about?.value)}`,
      },
    }),
  );

export const WholeNumber = (least: number, most: number): PropertyDecorator =>
  Setting({
    read: (text) => (/^\d+$/.test(text) ? Number(text) : NaN),
    problem: (value) =>
      Number(value) >= least && Number(value) <= most ? null : `must be a whole number from ${least} to ${most}`,
  });

export const OneOf = (words: string[]): PropertyDecorator =>
  Setting({
    read: (text) => text.toLowerCase(),
    problem: (value) => (words.includes(String(value)) ? null : `must be one of: ${words.join(', ')}`),
  });

/** An address, or a name of this machine. */
export const ListenAddress = (): PropertyDecorator =>
  Setting({
    read: withoutBrackets,
    problem: (value) =>
      isIP(String(value)) || HOST_NAME.test(String(value))
        ? null
        : 'must be an address of this machine without a port, such as 127.0.0.1, or :: for all addresses',
  });

export const WebAddress = (example: string): PropertyDecorator =>
  Setting({
    problem: (value) => (webAddress(String(value)) ? null : `must be an http or https address such as ${example}`),
  });

/** What links begin with. */
export const PublicAddress = (): PropertyDecorator =>
  Setting({ read: (text) => webAddress(text)?.href ?? text, problem: (value) => publicAddressProblem(String(value)) });

function publicAddressProblem(address: string): string | null {
  const { username, password } = URL.canParse(address) ? new URL(address) : {};
  if (username || password) return 'must not have a user name or a password in it: it would stand in every mail';
  if (!webAddress(address)) return 'must be an http or https address such as https://usher.example.com';
  return /[?#]/.test(address) ? 'must not have a ? or a # in it: paths are put behind it' : null;
}

/** `problemOf` never repeats a part of the value. */
export const ServerUrl = (problemOf: (value: string) => string | null): PropertyDecorator =>
  Setting({ problem: (value) => problemOf(String(value)) });

export const SignInAddress = (): PropertyDecorator =>
  Setting({
    read: storedAddress,
    problem: (value) => (isEmailAddress(value) ? null : 'must be one plain e-mail address such as kim@example.com'),
  });

export const Origins = (): PropertyDecorator =>
  Setting({
    read: (text) => listOf(text).map((item) => originOf(item) ?? item),
    problem: (value) => (value as string[]).every((item) => originOf(item)) // as: a list, by `read` or by default
      ? null
      : 'must be origins such as https://admin.example.com, separated by commas, without wildcards', // prettier-ignore
  });

export const Proxies = (): PropertyDecorator =>
  Setting({
    read: (text) => listOf(text).map(withoutBrackets),
    problem: (value) => {
      const wrong = (value as string[]).find((item) => !isNetwork(item)); // as: a list, by `read` or by default
      return wrong === undefined
        ? null
        : `must be addresses or networks of your proxies such as 10.0.0.0/8, or ${NAMED_NETWORKS.join(', ')}, separated by commas; ${JSON.stringify(wrong)} is neither`;
    },
  });

function isNetwork(item: string): boolean {
  if (NAMED_NETWORKS.includes(item)) return true;
  const [, address, bits] = NETWORK.exec(item) ?? [];
  const most = { 0: 0, 4: 32, 6: 128 }[isIP(address ?? '')] ?? 0;
  return most > 0 && (bits === undefined || (Number(bits) >= 1 && Number(bits) <= most));
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

const withoutBrackets = (text: string): string => text.replace(/^\[([^\]]*)\]/, '$1');
