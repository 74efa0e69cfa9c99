import { createHash, randomBytes } from 'node:crypto';

const SESSION_PREFIX = 'uss_';
const SESSION = /^(?:Bearer|Token) +(uss_[A-Za-z0-9_-]{43})$/i;

/** A new session credential of 256 random bits; only its hash is stored. */
export const newSessionToken = (): string => SESSION_PREFIX + randomBytes(32).toString('base64url');

/** SHA-256: enough for 256 random bits, and the row is found by it. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** The credential of an `Authorization: Bearer …` or `Token …` header; null when there is none of ours. */
export const credentialOf = (authorization: string | undefined): string | null =>
  SESSION.exec(authorization?.trim() ?? '')?.[1] ?? null;
