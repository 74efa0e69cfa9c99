import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { sql, type Statement } from '@usher/database';
import { DataSource } from 'typeorm';
import {
  accessBy,
  type KeysThat,
  type PlaceBy,
  rightsOfKey,
  rightsOfPerson,
  type RightsOf,
  TOUCH,
} from './access.sql.js';
import type { Access, Caller, NamedPlace, Principal } from './caller.js';
import type { Credential } from './credential.js';
import type { PlatformRole } from './permissions.js';
import { isShortId } from './short-id.js';

interface AccessRow extends Omit<Access, 'caller'> {
  credentialId: string;
  /** Its last use is older than a minute: worth writing down. */
  isStale: boolean;
  /** Null: a key that calls for itself. */
  userId: string | null;
  email: string;
  emailVerified: boolean;
  platformRole: PlatformRole;
  keyOrganisationId: string | null;
}

/** What somebody's rights rest on: on the platform, in one organisation, and in its projects. */
export interface RightsRow {
  platformRole: PlatformRole;
  /** Of the role in the organisation; null: none there. */
  permissions: string[] | null;
  /** Of the roles in its projects, by the project's id; null: none. */
  projects: Record<string, string[]> | null;
  /** Of a person. */
  email?: string;
  givenName?: string | null;
  familyName?: string | null;
  /** Of an API key. */
  name?: string;
}

/** Reads rights where they are stored. The tables belong to other modules, which must not import each other for that. */
@Injectable()
export class AccessRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly configuration: Configuration,
  ) {}

  /**
   * Credential, place, roles and permissions in one statement.
   * Null when the credential is unknown, expired or revoked, or its owner is suspended. `id` must be well-formed for its parameter.
   */
  async find({ kind, hash }: Credential, place?: NamedPlace): Promise<Access | null> {
    const [row]: (AccessRow | undefined)[] = await this.dataSource.query(
      accessBy(kind, this.configuration.SESSION_IDLE_HOURS, placeBy(place)),
      [hash, place === 'own' ? null : (place?.id ?? null)],
    );
    if (!row) return null;
    if (row.isStale) await this.dataSource.query(TOUCH[kind], [row.credentialId]);
    return { ...row, caller: callerOf(kind, row) };
  }

  /** SQL of a `RightsRow` in JSON; null for a principal that is suspended, revoked or gone. */
  rights(type: Principal['type'], of: RightsOf, keys: KeysThat = 'are live'): string {
    return type === 'user' ? rightsOfPerson(of) : rightsOfKey(of, keys);
  }

  /**
   * Account, membership, project memberships, or the key, in this order and all shared: a demotion, suspension or removal
   * waits for this transaction, or what is read afterwards sees it. Read in a statement that follows: a row that changed while
   * a statement waited for it would be joined with its old role.
   */
  locks({ type, id }: Principal, organisationId: string | null): Statement[] {
    if (type === 'api_key') return [sql('SELECT 1 FROM api_keys WHERE id = $1 FOR SHARE', [id])];
    const account = sql('SELECT 1 FROM users WHERE id = $1 FOR SHARE', [id]);
    if (!organisationId) return [account];
    return [account, sql(LOCK_MEMBERSHIP, [organisationId, id]), sql(LOCK_PROJECT_MEMBERSHIPS, [organisationId, id])];
  }

  /** Before all other locks: a deletion of the organisation takes its row first, too. `SHARE` also waits for its suspension. */
  organisationLock(id: string, mode: 'SHARE' | 'KEY SHARE'): Statement {
    return sql(`SELECT 1 FROM organisations WHERE id = $1 FOR ${mode}`, [id]);
  }

  readRights(
    { type, id }: Principal,
    organisationId: string | null,
    keys: KeysThat,
  ): Statement<{ rights: RightsRow | null; organisationStatus: string | null }> {
    const rights = this.rights(type, { principal: '$1', organisation: '$2::uuid' }, keys);
    return sql(`SELECT ${rights} AS rights, (SELECT status FROM organisations WHERE id = $2) AS "organisationStatus"`, [
      id,
      organisationId,
    ]);
  }
}

const LOCK_MEMBERSHIP = 'SELECT 1 FROM memberships WHERE organisation_id = $1 AND user_id = $2 FOR SHARE';
const LOCK_PROJECT_MEMBERSHIPS =
  'SELECT 1 FROM project_memberships WHERE organisation_id = $1 AND user_id = $2 ORDER BY project_id FOR SHARE';

function placeBy(scope: NamedPlace | undefined): PlaceBy {
  if (!scope) return 'none';
  if (scope === 'own') return 'own';
  return scope.parameter === 'organisationId' && isShortId(scope.id) ? 'shortId' : scope.parameter;
}

/** A personal key acts as its owner. */
function callerOf(kind: Credential['kind'], row: AccessRow): Caller {
  const { userId, credentialId, email, emailVerified, platformRole } = row;
  if (userId === null)
    return { type: 'api_key', id: credentialId, organisationId: row.keyOrganisationId, platformRole };
  const sessionId = kind === 'session' ? credentialId : null;
  return { type: 'user', id: userId, sessionId, email, emailVerified, platformRole };
}
