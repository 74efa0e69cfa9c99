import { Injectable } from '@nestjs/common';
import { EntityJson, flush, sql, type Statement } from '@usher/database';
import { orderBy, type Page, Pages } from '@usher/http';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { BUILT_IN_ROLES } from '../access/permissions.js';
import type { RoleListQuery } from './role.dto.js';
import { Role } from './role.entity.js';

const BY_KEY = orderBy<Role>('role', 'key', 'id');

/** Any number, as long as every replica uses the same one. */
const BUILT_IN_ROLES_LOCK = 7_046_216;

/** How many hold a role, or would on accepting an open invitation. */
export interface RoleUses {
  members: number;
  projectMembers: number;
  invitations: number;
  apiKeys: number;
}

/** Roles, as rows. */
@Injectable()
export class RoleRepository {
  /** The built-in roles: the same in every organisation, and never deleted. */
  readonly builtIn: readonly Role[] = BUILT_IN_ROLES.map((role) => ({
    ...role,
    permissions: [...role.permissions],
    organisationId: null,
    deletedAt: null,
  }));
  private readonly rows: EntityJson<Role>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {
    this.rows = new EntityJson(dataSource, Role);
  }

  /** As `permissions.ts` has them; any number of replicas may do so at once. */
  async writeBuiltIn(): Promise<void> {
    const rows = BUILT_IN_ROLES.map((role) => ({ ...role, permissions: [...role.permissions], organisationId: null }));
    await this.dataSource.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [BUILT_IN_ROLES_LOCK]);
      await tx.upsert(Role, rows, { conflictPaths: ['id'], skipUpdateIfNoValuesChanged: true });
    });
  }

  /** Those that can be given in the organisation. */
  page(organisationId: string, { scope, ...query }: RoleListQuery): Promise<Page<Role>> {
    const roles = this.dataSource
      .createQueryBuilder(Role, 'role')
      .where('(role.organisationId = :organisationId OR role.organisationId IS NULL) AND role.deletedAt IS NULL', {
        organisationId,
      });
    if (scope) roles.andWhere('role.scope = :scope', { scope });
    return this.pages.read(roles, BY_KEY, query);
  }

  /** The same, all of them. */
  givenIn(organisationId: string): Promise<Role[]> {
    const deletedAt = IsNull();
    const where = [
      { organisationId: IsNull(), deletedAt },
      { organisationId, deletedAt },
    ];
    return this.dataSource.manager.find(Role, { where, order: { id: 'ASC' } });
  }

  /** SQL of a role in JSON. */
  object(alias: string): string {
    return this.rows.object(alias);
  }

  /**
   * The organisation's own roles that can be given: with these keys or ids in lower case (null: all), and those whose ids `more` selects.
   * Until the transaction ends nobody deletes them: no membership and no open invitation has a deleted role.
   */
  keep(organisationId: string | null, names: string[] | null, more: Statement = NO_IDS): Statement<Role> {
    const [own, wanted] = [`$${more.values.length + 1}::uuid`, `$${more.values.length + 2}::text[]`];
    return sql(
      `${this.kept} AND r.organisation_id = ${own}
         AND (${wanted} IS NULL OR lower(r.key) = ANY (${wanted}) OR r.id::text = ANY (${wanted}) OR r.id = ANY (ARRAY (${more.text})))
       ${KEPT}`,
      [...more.values, organisationId, names],
    );
  }

  /** The same of roles whose ids the query selects; built-in ones need none. */
  keepThose({ text, values }: Statement): Statement<Role> {
    return sql(`${this.kept} AND r.organisation_id IS NOT NULL AND r.id = ANY (ARRAY (${text})) ${KEPT}`, values);
  }

  /** To delete it, `pessimistic_write`: those who are giving it hold it (`keep`). */
  lock(tx: EntityManager, id: string, mode: 'for_no_key_update' | 'pessimistic_write'): Promise<Role | null> {
    return tx.findOne(Role, { where: { id, deletedAt: IsNull() }, lock: { mode } });
  }

  countOwn(tx: EntityManager, organisationId: string): Promise<number> {
    return tx.countBy(Role, { organisationId, deletedAt: IsNull() });
  }

  /** Lock the role first. One statement, as most of the tables belong to modules below this one. */
  async usesOf(tx: EntityManager, { id, organisationId }: Role): Promise<RoleUses> {
    const [[uses]] = await flush(tx, [sql<RoleUses>(USES, [id, organisationId])]);
    return uses;
  }

  /** Fails with a violation of `roles_key` when the key is taken. */
  async insert(tx: EntityManager, role: Role): Promise<void> {
    await tx.insert(Role, role);
  }

  async update(tx: EntityManager, id: string, changes: Pick<Role, 'name' | 'permissions'>): Promise<void> {
    await tx.update(Role, { id }, changes);
  }

  /** The row stays for ended invitations to show. */
  async delete(tx: EntityManager, id: string): Promise<void> {
    await tx.update(Role, { id }, { deletedAt: () => 'now()' });
  }

  private get kept(): string {
    return `SELECT ${this.rows.columns('r')} FROM roles r WHERE r.deleted_at IS NULL`;
  }
}

const KEPT = 'ORDER BY r.id FOR KEY SHARE';
const NO_IDS = sql('SELECT NULL::uuid WHERE false');

/** Everything that keeps a role from being deleted; what else comes to refer to roles is counted here. */
const USES = `
  SELECT
    (SELECT count(*)::int FROM memberships WHERE role_id = $1) AS members,
    (SELECT count(*)::int FROM project_memberships WHERE role_id = $1) AS "projectMembers",
    (SELECT count(*)::int FROM invitations i
      WHERE i.organisation_id = $2 AND i.status = 'PENDING' AND i.expires_at > now() AND (i.role_id = $1
        OR EXISTS (SELECT 1 FROM invitation_grants g WHERE g.invitation_id = i.id AND g.role_id = $1))) AS invitations,
    (SELECT count(*)::int FROM api_keys WHERE role_id = $1 AND revoked_at IS NULL) AS "apiKeys"`;
