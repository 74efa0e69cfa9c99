import { isIPv6 } from 'node:net';
import { currentRequest } from './request-context.js';

/** Who to count attempts for: the address, or the network that one IPv6 customer has to choose addresses from. */
export function clientKey(ip = currentRequest()?.ip ?? 'unknown'): string {
  return isIPv6(ip) ? networkOf(ip) : ip;
}

/** The first 64 of its 128 bits. */
export function networkOf(ip: string): string {
  const [head, tail] = ip.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = tail ? Array<string>(8 - head.length - tail.length).fill('0') : [];
  return `${[...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}
