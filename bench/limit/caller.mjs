// Who asks, in one statement, and what was found; and what they are given: ids, secrets.
import { createCipheriv, createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { statement } from './database.mjs';

const key = Buffer.from(hkdfSync('sha256', 'of the benchmark', 'limit', 'token', 32));

export const sha256 = (text, encoding) => createHash('sha256').update(text).digest(encoding);
export const refuse = (statusCode, code) => Object.assign(new Error(code), { statusCode });

/** The statement that finds the caller of a request; `place`: of what is asked for. */
export function guard(request, name = 'GUARD', place = request.params.id) {
  const [, token] = /^Bearer (uss_[\w-]{43})$/.exec(request.headers.authorization ?? '') ?? [];
  if (!token) throw refuse(401, 'unauthenticated');
  return statement(name, [sha256(token), place ?? null]);
}

/** The one that it found, if they may. */
export function enter([caller], permission) {
  if (!caller) throw refuse(401, 'unauthenticated');
  if (permission && !caller.organisationId) throw refuse(404, 'not_found');
  if (permission && !caller.permissions.includes(permission)) throw refuse(403, 'forbidden');
  return caller;
}

/** Grows with time, as the ids of Usher's rows do. */
export function newId() {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

export const newToken = () => randomBytes(32).toString('base64url');

/** A new link's secret: its hash, and sealed for the mail. */
export function secretOf(mail) {
  const token = newToken();
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(mail));
  const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return { hash: sha256(token), sealed: Buffer.concat([nonce, cipher.getAuthTag(), sealed]) };
}
