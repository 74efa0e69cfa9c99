import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { DataSource } from 'typeorm';
import type { Caller, Place } from './caller.js';
import type { Credential } from './credential.js';
import { isLive } from './live-session.js';
import type { Permission, PlatformRole } from './permissions.js';
import { isShortId } from './short-id.js';

/** The caller, and what they hold at the place that the path names. */
export interface Access {
  caller: Caller;
  /** Null when the path names nothing, or something that does not exist. */
  placeType: Place['type'] | null;
  organisationId: string | null;
  projectId: string | null;
  organisationStatus: string | null;
  /** Null: a stranger to the organisation. */
  membershipStatus: string | null;
  permissions: string[];
  /** The row of a `Reading`; missing when there is none, or the caller is no member who holds what it takes. */
  along?: unknown;
}

/** What is read in the statement that finds the caller. */
export interface Reading {
  /** One for each text. */
  name: string;
  /** A query of one row at most, whose columns are called otherwise than those of `access`, the caller's row, of which it must ask something. The values begin at `$3`. */
  sql: string;
  values: unknown[];
  /** Nothing is read for those who do not hold it as members, or as a key of the organisation. */
  wanted?: Permission;
}

interface Row extends Omit<Access, 'caller' | 'along'> {
  credentialId: string;
  /** Its last use is older than a minute: worth writing down. */
  isStale: boolean;
  /** Null: a key that calls for itself. */
  userId: string | null;
  email: string;
  emailVerified: boolean;
  platformRole: PlatformRole;
  keyOrganisationId: string | null;
  wasReadAlong?: boolean | null;
}

export type ScopeParameter = 'organisationId' | 'projectId' | 'invitationId' | 'roleId';

/** Finds the place that an id in a path stands for; `$2` is the id. */
const PLACES: Record<ScopeParameter | 'shortId' | 'none', string> = {
  none: `SELECT NULL AS type, NULL::uuid AS organisation_id, NULL::uuid AS project_id WHERE $2::text IS NOT NULL`,
  organisationId: `SELECT 'ORGANISATION' AS type, id AS organisation_id, NULL::uuid AS project_id FROM organisations WHERE id = $2::uuid`,
  shortId: `SELECT 'ORGANISATION' AS type, id AS organisation_id, NULL::uuid AS project_id FROM organisations WHERE short_id = $2`,
  projectId: `SELECT 'PROJECT' AS type, organisation_id, id AS project_id FROM projects WHERE id = $2::uuid`,
  invitationId: `SELECT type, organisation_id, CASE type WHEN 'PROJECT' THEN place END AS project_id
    FROM invitations WHERE id = $2::uuid`,
  roleId: `SELECT CASE WHEN organisation_id IS NULL THEN 'PLATFORM' ELSE 'ORGANISATION' END AS type, organisation_id,
    NULL::uuid AS project_id FROM roles WHERE id = $2::uuid AND deleted_at IS NULL`,
};

/** Finds a live credential; `$1` is its hash. */
const credentialBy = (kind: Credential['kind'], idleHours: number): string =>
  ({
    session: `SELECT id, user_id, NULL::uuid AS organisation_id, NULL::uuid AS role_id, NULL::text AS platform_role, NULL::text AS name, last_used_at
    FROM sessions WHERE token_hash = $1 AND ${isLive('sessions', idleHours)}`,
    key: `SELECT id, user_id, organisation_id, role_id, platform_role, name, last_used_at
    FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
  })[kind];

const LOOKUP = (credential: string, place: string): string => `
  WITH credential AS (${credential}), place AS (${place})
  SELECT c.id AS "credentialId", c.last_used_at IS NULL OR c.last_used_at < now() - interval '1 minute' AS "isStale",
    u.id AS "userId", u.email, u.given_name AS "givenName", u.family_name AS "familyName", c.name AS "keyName", u.email_verified_at IS NOT NULL AS "emailVerified",
    coalesce(u.platform_role, c.platform_role, 'MEMBER') AS "platformRole", c.organisation_id AS "keyOrganisationId",
    place.type AS "placeType", place.organisation_id AS "organisationId", place.project_id AS "projectId",
    o.status AS "organisationStatus",
    CASE WHEN c.organisation_id = place.organisation_id THEN 'ACTIVE' ELSE m.status END AS "membershipStatus",
    r.id AS "roleId", coalesce(r.permissions, '{}') || coalesce(pr.permissions, '{}') AS permissions
  FROM credential c
  LEFT JOIN users u ON u.id = c.user_id
  LEFT JOIN place ON true
  LEFT JOIN organisations o ON o.id = place.organisation_id
  LEFT JOIN memberships m ON m.organisation_id = place.organisation_id AND m.user_id = c.user_id
  LEFT JOIN roles r ON r.id = CASE
    WHEN c.organisation_id = place.organisation_id THEN c.role_id
    WHEN m.status = 'ACTIVE' THEN m.role_id END
  LEFT JOIN project_memberships pm ON pm.organisation_id = place.organisation_id AND pm.project_id = place.project_id
    AND pm.user_id = c.user_id AND m.status = 'ACTIVE'
  LEFT JOIN roles pr ON pr.id = pm.role_id
  WHERE c.user_id IS NULL OR u.status = 'ACTIVE'`;

/** Several requests at the same instant write it once. */
const TOUCH: Record<Credential['kind'], string> = {
  session: `UPDATE sessions SET last_used_at = now() WHERE id = $1 AND last_used_at < now() - interval '1 minute'`,
  key: `UPDATE api_keys SET last_used_at = now()
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
};

/**
 * Reads credential, place, roles and permissions with one statement. The tables belong to other modules;
 * reading them here keeps the guard from importing those, and them from importing each other.
 */
@Injectable()
export class RoleLookup {
  /** Every request asks with one of these. */
  private readonly statements = new Map<string, string>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly configuration: Configuration,
  ) {}

  /** Null when the credential is unknown, expired or revoked, or its owner is suspended. `id` must be well-formed for its parameter. */
  async find(
    { kind, hash }: Credential,
    scope?: { parameter: ScopeParameter; id: string },
    along?: Reading | null,
  ): Promise<Access | null> {
    const statement = this.statementFor(kind, placeBy(scope), along);
    const values = [hash, scope?.id ?? null, ...(along?.values ?? [])];
    const [row]: (Row | undefined)[] = await this.dataSource.query(statement, values);
    if (!row) return null;
    if (row.isStale) await this.dataSource.query(TOUCH[kind], [row.credentialId]);
    return { ...row, caller: callerOf(kind, row), along: row.wasReadAlong ? row : undefined };
  }

  private statementFor(kind: Credential['kind'], place: keyof typeof PLACES, along?: Reading | null): string {
    const name = `${kind} ${place} ${along?.name}`;
    let statement = this.statements.get(name);
    if (statement === undefined) {
      const lookup = LOOKUP(credentialBy(kind, this.configuration.SESSION_IDLE_HOURS), PLACES[place]);
      statement = along ? readingAlong(lookup, along) : lookup;
      this.statements.set(name, statement);
    }
    return statement;
  }
}

/**
 * Who may not read along is no row of `access`, so that nothing is read at all: how long an answer takes tells strangers nothing. `OFFSET 0` keeps
 * PostgreSQL from asking that afterwards. Of columns that are called the same the last one counts: nothing that is read says who calls, or what they may.
 */
const readingAlong = (lookup: string, { sql, wanted }: Reading): string => `
  SELECT along.*, caller.* FROM (${lookup}) AS caller LEFT JOIN LATERAL (
    SELECT found.*, true AS "wasReadAlong" FROM (
      SELECT caller.* WHERE ${wanted ? `caller."membershipStatus" = 'ACTIVE' AND '${wanted}' = ANY (caller.permissions)` : 'true'} OFFSET 0) AS access
    CROSS JOIN LATERAL (${sql}) AS found) AS along ON true`;

/** A personal key acts as its owner. */
function callerOf(kind: Credential['kind'], row: Row): Caller {
  const { userId, credentialId, email, emailVerified, platformRole } = row;
  if (userId === null)
    return { type: 'api_key', id: credentialId, organisationId: row.keyOrganisationId, platformRole };
  const sessionId = kind === 'session' ? credentialId : null;
  return { type: 'user', id: userId, sessionId, email, emailVerified, platformRole };
}

function placeBy(scope: { parameter: ScopeParameter; id: string } | undefined): keyof typeof PLACES {
  if (!scope) return 'none';
  return scope.parameter === 'organisationId' && isShortId(scope.id) ? 'shortId' : scope.parameter;
}
