import { Injectable } from '@nestjs/common';
import { problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import type { Place, Principal } from './caller.js';
import { covers, type Permission, PLATFORM_ROLE_PERMISSIONS, type PlatformRole } from './permissions.js';

/** Permissions wanted at a place: in the organisation, or in one of its projects. */
export interface Wanted {
  projectId: string | null;
  permissions: readonly string[];
}

/** What somebody holds at this moment: on the platform, in one organisation, and in its projects. */
export class Holdings {
  /** In every project, too. */
  private readonly inOrganisation: ReadonlySet<string>;

  constructor(
    everywhere: readonly Permission[],
    organisation: readonly string[],
    private readonly projects: ReadonlyMap<string, readonly string[]>,
  ) {
    this.inOrganisation = new Set([...everywhere, ...organisation]);
  }

  has(permission: Permission, projectId: string | null = null): boolean {
    return this.in(projectId).has(permission);
  }

  /** Whether everything wanted is held: nobody gives, takes or touches what they do not hold. */
  cover(wanted: readonly Wanted[]): boolean {
    return wanted.every(({ projectId, permissions }) => covers(this.in(projectId), permissions));
  }

  private in(projectId: string | null): ReadonlySet<string> {
    const inProject = projectId === null ? undefined : this.projects.get(projectId);
    return inProject ? new Set([...this.inOrganisation, ...inProject]) : this.inOrganisation;
  }
}

/** The place of what concerns the whole installation. */
export const EVERYWHERE = { organisationId: null, projectId: null };

/** Reads what somebody holds inside a transaction, and keeps it from changing until the transaction ends. */
@Injectable()
export class Authority {
  /** Looks again inside the transaction: since the guard looked, the caller may have been demoted. 403 without the permission. */
  async require(
    tx: EntityManager,
    caller: Principal,
    permission: Permission,
    place: Pick<Place, 'organisationId' | 'projectId'>,
  ): Promise<Holdings> {
    const holdings = await this.ofCaller(tx, caller, place.organisationId);
    if (holdings.has(permission, place.projectId)) return holdings;
    throw problem(403, 'forbidden', `This needs the permission ${permission}, which your role does not hold here.`);
  }

  /** What somebody who acts holds: a revoked or expired key nothing, and a suspended organisation's people nothing in it. */
  async ofCaller(tx: EntityManager, caller: Principal, organisationId: string | null): Promise<Holdings> {
    const isSuspended =
      organisationId !== null && (await lockOrganisation(tx, organisationId, 'SHARE')) === 'SUSPENDED';
    if (caller.type === 'api_key') return ofKey(tx, caller.id, isSuspended ? null : organisationId, IS_LIVE);
    return ofUser(tx, caller.id, isSuspended ? null : organisationId);
  }

  /** What somebody who answers for an invitation holds: a key is judged by its role, also once it is revoked. */
  async of(tx: EntityManager, principal: Principal, organisationId: string | null): Promise<Holdings> {
    if (organisationId) await lockOrganisation(tx, organisationId, 'KEY SHARE');
    if (principal.type === 'api_key') return ofKey(tx, principal.id, organisationId, 'true');
    return ofUser(tx, principal.id, organisationId);
  }
}

const NOTHING = new Holdings([], [], new Map());
const IS_LIVE = 'k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())';

/** Before all others: a deletion of the organisation takes its row first, too; `SHARE` also waits for its suspension. Answers its status. */
async function lockOrganisation(tx: EntityManager, id: string, mode: 'SHARE' | 'KEY SHARE'): Promise<string | null> {
  const [found]: { status: string }[] = await tx.query(`SELECT status FROM organisations WHERE id = $1 FOR ${mode}`, [
    id,
  ]);
  return found?.status ?? null;
}

/**
 * Locks account, membership, project memberships, in this order and all shared: a demotion, suspension or removal
 * waits for this transaction, or this one sees it. Those who have lost everything hold nothing.
 */
async function ofUser(tx: EntityManager, userId: string, organisationId: string | null): Promise<Holdings> {
  const member = [organisationId, userId];
  const [account]: { platformRole: PlatformRole }[] = await tx.query(
    `SELECT platform_role AS "platformRole" FROM users WHERE id = $1 AND status = 'ACTIVE' FOR SHARE`,
    [userId],
  );
  if (!account) return NOTHING;
  const everywhere = PLATFORM_ROLE_PERMISSIONS[account.platformRole];
  if (!organisationId) return new Holdings(everywhere, [], new Map());
  // Lock and read in two statements: a row that changed while we waited would otherwise be joined with its old role.
  await tx.query(`SELECT 1 FROM memberships WHERE organisation_id = $1 AND user_id = $2 FOR SHARE`, member);
  await tx.query(
    `SELECT 1 FROM project_memberships WHERE organisation_id = $1 AND user_id = $2 ORDER BY project_id FOR SHARE`,
    member,
  );
  const [membership]: { permissions: string[] }[] = await tx.query(
    `SELECT r.permissions FROM memberships m JOIN roles r ON r.id = m.role_id
     WHERE m.organisation_id = $1 AND m.user_id = $2 AND m.status = 'ACTIVE'`,
    member,
  );
  if (!membership) return new Holdings(everywhere, [], new Map());
  const projects: { projectId: string; permissions: string[] }[] = await tx.query(
    `SELECT pm.project_id AS "projectId", r.permissions FROM project_memberships pm JOIN roles r ON r.id = pm.role_id
     WHERE pm.organisation_id = $1 AND pm.user_id = $2`,
    member,
  );
  const byProject = new Map(projects.map((project) => [project.projectId, project.permissions]));
  return new Holdings(everywhere, membership.permissions, byProject);
}

/** Locks the key, shared: its revocation waits for this transaction, or this one sees it. A key's role never changes; one that was deleted holds nothing. */
async function ofKey(
  tx: EntityManager,
  keyId: string,
  organisationId: string | null,
  condition: string,
): Promise<Holdings> {
  const [key]: { organisationId: string | null; platformRole: PlatformRole | null; permissions: string[] | null }[] =
    await tx.query(
      `SELECT k.organisation_id AS "organisationId", k.platform_role AS "platformRole", r.permissions
       FROM api_keys k LEFT JOIN roles r ON r.id = k.role_id AND r.deleted_at IS NULL
       WHERE k.id = $1 AND ${condition} FOR SHARE OF k`,
      [keyId],
    );
  if (!key) return NOTHING;
  const everywhere = PLATFORM_ROLE_PERMISSIONS[key.platformRole ?? 'MEMBER'];
  const isAtHome = organisationId !== null && key.organisationId === organisationId;
  return new Holdings(everywhere, isAtHome ? (key.permissions ?? []) : [], new Map());
}
