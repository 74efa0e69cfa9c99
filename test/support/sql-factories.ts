import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { hashOf, newSessionToken } from '../../apps/api/src/access/credential.js';
import { BUILT_IN_ROLES, type RoleScope } from '../../apps/api/src/access/permissions.js';
import type { Person } from './factories.js';

/** The id of a built-in role for projects of every kind, or for organisations. */
export const builtIn = (scope: RoleScope, key: string): string =>
  BUILT_IN_ROLES.find((role) => role.scope === scope && role.key === key && role.projectKind === null)!.id;

/** Somebody with an account and a session, without mail or password: where many people are needed quickly. */
export async function insertPerson(
  dataSource: DataSource,
  { email = `${randomUUID()}@example.com`, isVerified = true } = {},
): Promise<Person> {
  const person = { id: randomUUID(), email, token: newSessionToken() };
  const statement = `INSERT INTO users (id, email, email_verified_at) VALUES ($1, $2, CASE WHEN $3 THEN now() END)`;
  await dataSource.query(statement, [person.id, email, isVerified]);
  await dataSource.query(
    `INSERT INTO sessions (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '1 day')`,
    [randomUUID(), person.id, hashOf(person.token)],
  );
  return person;
}

export async function insertMember(
  dataSource: DataSource,
  organisationId: string,
  userId: string,
  roleId: string,
): Promise<void> {
  const statement = 'INSERT INTO memberships (organisation_id, user_id, role_id) VALUES ($1, $2, $3)';
  await dataSource.query(statement, [organisationId, userId, roleId]);
}

/** Open invitations of today, without mails: where many are needed. */
export async function insertInvitations(dataSource: DataSource, { id }: { id: string }, count: number): Promise<void> {
  const statement = `
    INSERT INTO invitations (id, type, place, organisation_id, email, role_id, token_hash, locale, invited_by_type, invited_by_id, expiry_hours, expires_at)
    SELECT gen_random_uuid(), 'ORGANISATION', $1::uuid, $1::uuid, 'p' || n || '@example.com', $2, sha256(n::text::bytea), 'en', 'user', gen_random_uuid(), 1, now() + interval '1 day'
    FROM generate_series(1, $3) AS n`;
  await dataSource.query(statement, [id, builtIn('ORGANISATION', 'MEMBER'), count]);
}
