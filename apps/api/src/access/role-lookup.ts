import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { DataSource } from 'typeorm';
import type { Place } from './caller.js';
import { isLive } from './live-session.js';
import type { PlatformRole } from './permissions.js';
import { isShortId } from './short-id.js';

/** The caller, and what they hold at the place that the path names. */
export interface Access {
  sessionId: string;
  /** The session's last use is older than a minute: worth writing down. */
  isStale: boolean;
  userId: string;
  email: string;
  emailVerified: boolean;
  platformRole: PlatformRole;
  /** Null when the path names nothing, or something that does not exist. */
  placeType: Place['type'] | null;
  organisationId: string | null;
  projectId: string | null;
  organisationStatus: string | null;
  /** Null: a stranger to the organisation. */
  membershipStatus: string | null;
  permissions: string[];
}

export type ScopeParameter = 'organisationId' | 'projectId' | 'invitationId';

/** Finds the place that an id in a path stands for; `$2` is the id. */
const PLACES: Record<ScopeParameter | 'shortId' | 'none', string> = {
  none: `SELECT NULL AS type, NULL::uuid AS organisation_id, NULL::uuid AS project_id WHERE $2::text IS NOT NULL`,
  organisationId: `SELECT 'ORGANISATION' AS type, id AS organisation_id, NULL::uuid AS project_id FROM organisations WHERE id = $2::uuid`,
  shortId: `SELECT 'ORGANISATION' AS type, id AS organisation_id, NULL::uuid AS project_id FROM organisations WHERE short_id = $2`,
  projectId: `SELECT 'PROJECT' AS type, organisation_id, id AS project_id FROM projects WHERE id = $2::uuid`,
  invitationId: `SELECT type, organisation_id, CASE type WHEN 'PROJECT' THEN place END AS project_id
    FROM invitations WHERE id = $2::uuid`,
};

const LOOKUP = (place: string, idleHours: number): string => `
  WITH place AS (${place})
  SELECT s.id AS "sessionId", s.last_used_at < now() - interval '1 minute' AS "isStale",
    u.id AS "userId", u.email, u.email_verified_at IS NOT NULL AS "emailVerified", u.platform_role AS "platformRole",
    place.type AS "placeType", place.organisation_id AS "organisationId", place.project_id AS "projectId",
    o.status AS "organisationStatus", m.status AS "membershipStatus",
    coalesce(r.permissions, '{}') || coalesce(pr.permissions, '{}') AS permissions
  FROM sessions s
  JOIN users u ON u.id = s.user_id AND u.status = 'ACTIVE'
  LEFT JOIN place ON true
  LEFT JOIN organisations o ON o.id = place.organisation_id
  LEFT JOIN memberships m ON m.organisation_id = place.organisation_id AND m.user_id = u.id
  LEFT JOIN roles r ON r.id = m.role_id AND m.status = 'ACTIVE'
  LEFT JOIN project_memberships pm ON pm.organisation_id = place.organisation_id AND pm.project_id = place.project_id
    AND pm.user_id = u.id AND m.status = 'ACTIVE'
  LEFT JOIN roles pr ON pr.id = pm.role_id
  WHERE s.token_hash = $1 AND ${isLive('s', idleHours)}`;

/**
 * Reads credential, place, roles and permissions with one statement. The tables belong to other modules;
 * reading them here keeps the guard from importing those, and them from importing each other.
 */
@Injectable()
export class RoleLookup {
  constructor(
    private readonly dataSource: DataSource,
    private readonly configuration: Configuration,
  ) {}

  /** Null when the credential is unknown, expired or idle for too long, or its owner is suspended. `id` must be well-formed for its parameter. */
  async find(tokenHash: Buffer, parameter?: ScopeParameter, id?: string): Promise<Access | null> {
    const statement = LOOKUP(placeBy(parameter, id), this.configuration.SESSION_IDLE_HOURS);
    const [access]: (Access | undefined)[] = await this.dataSource.query(statement, [tokenHash, id ?? null]);
    if (access?.isStale) {
      await this.dataSource.query('UPDATE sessions SET last_used_at = now() WHERE id = $1', [access.sessionId]);
    }
    return access ?? null;
  }
}

function placeBy(parameter: ScopeParameter | undefined, id = ''): string {
  if (!parameter) return PLACES.none;
  return parameter === 'organisationId' && isShortId(id) ? PLACES.shortId : PLACES[parameter];
}
