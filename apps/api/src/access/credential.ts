import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { problem } from '@usher/http';

const CREDENTIAL = /^(?:Bearer|Token) +(?:(uss_[\w-]{43})|(ush_([\w-]{43})([\w-]{6})))$/i;
const SHOWN_OF_KEY = 10;

/** What an `Authorization` header carries, as the database knows it. */
export interface Credential {
  kind: 'session' | 'key';
  hash: Buffer;
}

const random = (): string => randomBytes(32).toString('base64url');

/** A new session credential of 256 random bits; only its hash is stored. */
export const newSessionToken = (): string => `uss_${random()}`;

/** A new API key of 256 random bits and a checksum, so that a mistyped or made-up key is known without a look at the database; only its hash is stored. */
export function newApiKey(): string {
  const secret = random();
  return `ush_${secret}${checksumOf(secret)}`;
}

/** The beginning of a key, by which people tell their keys apart. */
export const prefixOf = (key: string): string => key.slice(0, SHOWN_OF_KEY);

/** SHA-256: enough for 256 random bits, and the row is found by it. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** The credential of an `Authorization: Bearer …` or `Token …` header; null when there is none of ours. */
export function credentialOf(authorization: string | undefined): Credential | null {
  const [, session, key, secret, checksum] = CREDENTIAL.exec(authorization?.trim() ?? '') ?? [];
  if (session) return { kind: 'session', hash: hashOf(session) };
  if (!key || checksumOf(secret) !== checksum) return null;
  return { kind: 'key', hash: hashOf(key) };
}

/** CRC-32 in base64url: 6 characters. */
function checksumOf(secret: string): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(secret));
  return checksum.toString('base64url');
}

export const unauthenticated = () =>
  problem(401, 'unauthenticated', 'Send a valid credential as `Authorization: Bearer …`; sign in for one.');
