import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { hashOf, newSessionToken } from '../../apps/api/src/access/credential.js';
import { OWNER_ROLE_ID } from '../../apps/api/src/access/permissions.js';

/** Somebody with an account and no business in the suite's organisations. */
export interface Intruder {
  name: string;
  id: string;
  token: string;
  /** The organisation that they own; null for a stranger to all. */
  organisationId: string | null;
}

/** The owner of another organisation, and somebody without any. They come by SQL and are in nobody's way. */
export async function bringIntruders(dataSource: DataSource): Promise<Intruder[]> {
  const intruders = [
    { name: "another organisation's owner", id: randomUUID(), token: newSessionToken(), organisationId: randomUUID() },
    { name: 'a stranger', id: randomUUID(), token: newSessionToken(), organisationId: null },
  ];
  for (const { id, token, organisationId } of intruders) {
    await dataSource.query(`INSERT INTO users (id, email, email_verified_at) VALUES ($1, $2, now())`, [
      id,
      `${id}@outside.test`,
    ]);
    await dataSource.query(
      `INSERT INTO sessions (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '1 hour')`,
      [randomUUID(), id, hashOf(token)],
    );
    if (organisationId) await found(dataSource, organisationId, id);
  }
  return intruders;
}

/** With all that they left, also in the audit: the suite's counts are its own. */
export async function sendAway(dataSource: DataSource, intruders: Intruder[]): Promise<void> {
  const ids = intruders.map(({ id }) => id);
  const organisationIds = intruders.flatMap(({ organisationId }) => organisationId ?? []);
  await dataSource.query('DELETE FROM audit_events WHERE actor_id = ANY ($1)', [ids]);
  await dataSource.query('DELETE FROM organisations WHERE id = ANY ($1)', [organisationIds]);
  await dataSource.query('DELETE FROM users WHERE id = ANY ($1)', [ids]);
}

async function found(dataSource: DataSource, organisationId: string, ownerId: string): Promise<void> {
  // A short id with a letter that none has: it meets no other.
  const shortId = `o${randomBytes(4).toString('hex').slice(1)}`;
  await dataSource.query(`INSERT INTO organisations (id, short_id, name) VALUES ($1, $2, 'Elsewhere')`, [
    organisationId,
    shortId,
  ]);
  await dataSource.query('INSERT INTO memberships (organisation_id, user_id, role_id) VALUES ($1, $2, $3)', [
    organisationId,
    ownerId,
    OWNER_ROLE_ID,
  ]);
}
