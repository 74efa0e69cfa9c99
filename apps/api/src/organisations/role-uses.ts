import type { EntityManager } from 'typeorm';
import type { Role } from './role.entity.js';

/** How many hold a role, or would on accepting an open invitation. */
export interface RoleUses {
  members: number;
  projectMembers: number;
  invitations: number;
  apiKeys: number;
}

/** Everything that keeps a role from being deleted; what else comes to refer to roles is counted here. */
const USES = `
  SELECT
    (SELECT count(*)::int FROM memberships WHERE role_id = $1) AS members,
    (SELECT count(*)::int FROM project_memberships WHERE role_id = $1) AS "projectMembers",
    (SELECT count(*)::int FROM invitations i
      WHERE i.organisation_id = $2 AND i.status = 'PENDING' AND i.expires_at > now() AND (i.role_id = $1
        OR EXISTS (SELECT 1 FROM invitation_grants g WHERE g.invitation_id = i.id AND g.role_id = $1))) AS invitations,
    (SELECT count(*)::int FROM api_keys WHERE role_id = $1 AND revoked_at IS NULL) AS "apiKeys"`;

/** Lock the role first. One statement, as most of the tables belong to modules below this one. */
export async function usesOf(tx: EntityManager, { id, organisationId }: Role): Promise<RoleUses> {
  const [uses]: [RoleUses] = await tx.query(USES, [id, organisationId]);
  return uses;
}
