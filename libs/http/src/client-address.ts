import { isIP } from 'node:net';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const HEADER = 'x-forwarded-for';
const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/;
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** Who sent the request, as far as the proxies that are trusted know: one way of writing for each address. */
export const clientAddress = ({ ip }: FastifyRequest): string => plainAddress(ip) ?? 'unknown';

/** Makes of `X-Forwarded-For` what Fastify reads: addresses alone. Warns once of one that nobody trusted sends. */
export function readForwardedAddresses(server: FastifyInstance): void {
  let isWarned = false;
  server.addHook('onRequest', (request, _reply, done) => {
    const given = request.headers[HEADER];
    if (given === undefined) return done();
    const addresses = addressesIn(String(given));
    request.raw.headers[HEADER] = addresses.join(', ');
    const isTrusted = request.ips !== undefined && request.ips.length > 1;
    if (addresses.length > 0 && !isTrusted && !isWarned) {
      isWarned = true;
      new Logger('Proxies').warn(
        `${clientAddress(request)} sends X-Forwarded-For, and TRUST_PROXY does not name it: its own address counts as the client's. If it is your proxy, add it to TRUST_PROXY`,
      );
    }
    done();
  });
}

/** Read from the end, where the nearest proxy wrote: nothing can be said about what stands before a word that is no address. */
export function addressesIn(header: string): string[] {
  const addresses = header.split(',').map((item) => plainAddress(item.trim()));
  return addresses.slice(addresses.lastIndexOf(null) + 1).filter((address) => address !== null);
}

/** Without port, brackets and zone; IPv4 that is written as IPv6 as IPv4. Null when it is no address. */
export function plainAddress(text: string): string | null {
  const [, bracketed, dotted] = WITH_PORT.exec(text) ?? [];
  const address = (bracketed ?? dotted ?? text).replace(/%.*$/, '');
  if (isIP(address) !== 6) return isIP(address) ? address : null;
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(shortest) ?? [];
  if (!high) return shortest;
  const bytes = [high, low].map((half) => parseInt(half, 16)).flatMap((half) => [half >> 8, half & 255]);
  return bytes.join('.');
}
