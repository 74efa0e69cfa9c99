import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { OWNER_ROLE_ID } from '../../apps/api/src/access/permissions.js';
import type { Person } from './factories.js';
import { insertMember, insertPerson } from './sql-factories.js';

/** Somebody with an account and no business in the suite's organisations. */
export interface Intruder extends Person {
  name: string;
  /** The organisation that they own; null for a stranger to all. */
  organisationId: string | null;
}

/** The owner of another organisation, and somebody without any. They come by SQL and are in nobody's way. */
export async function bringIntruders(dataSource: DataSource): Promise<Intruder[]> {
  const owner = await insertPerson(dataSource);
  const organisationId = randomUUID();
  // A short id with a letter that none has: it meets no other.
  const shortId = `o${randomBytes(4).toString('hex').slice(1)}`;
  const statement = `INSERT INTO organisations (id, short_id, name) VALUES ($1, $2, 'Elsewhere')`;
  await dataSource.query(statement, [organisationId, shortId]);
  await insertMember(dataSource, organisationId, owner.id, OWNER_ROLE_ID);
  const stranger = await insertPerson(dataSource);
  return [
    { ...owner, name: "another organisation's owner", organisationId },
    { ...stranger, name: 'a stranger', organisationId: null },
  ];
}

/** What they were refused stays in the platform's audit, which nobody can delete. */
export async function sendAway(dataSource: DataSource, intruders: Intruder[]): Promise<void> {
  const ids = intruders.map(({ id }) => id);
  const organisationIds = intruders.flatMap(({ organisationId }) => organisationId ?? []);
  await dataSource.query('DELETE FROM organisations WHERE id = ANY ($1)', [organisationIds]);
  await dataSource.query('DELETE FROM users WHERE id = ANY ($1)', [ids]);
}
