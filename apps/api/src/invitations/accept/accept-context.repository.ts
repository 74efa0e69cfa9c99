import { Injectable } from '@nestjs/common';
import { EntityJson, sql, type Statement } from '@usher/database';
import { DataSource } from 'typeorm';
import { AccessRepository, type RightsRow } from '../../access/access.repository.js';
import type { PlatformRole } from '../../access/permissions.js';
import type { MembershipStatus } from '../../organisations/membership.entity.js';
import type { OrganisationStatus } from '../../organisations/organisation.entity.js';
import type { Role } from '../../organisations/role.entity.js';
import { RoleRepository } from '../../organisations/role.repository.js';
import { Platform } from '../../platform/platform.entity.js';
import type { Invitation } from '../invitation.entity.js';
import {
  InvitationRepository,
  type StoredGrants,
  TARGET,
  TARGET_ID,
  type Target,
  valuesOf,
} from '../invitation.repository.js';

/** A membership as it is before somebody accepts. */
export interface PresentMembership {
  status: MembershipStatus;
  role: Role;
  /** By the project's id. */
  projects: Readonly<Record<string, Role>>;
}

export interface AcceptContextRow {
  now: Date;
  platform: object;
  organisationStatus: OrganisationStatus | null;
  grants: StoredGrants[];
  person: RightsRow | null;
  key: RightsRow | null;
  accountExists: boolean;
  platformRole: PlatformRole | null;
  membership: PresentMembership | null;
}

const of = (column: string): string => `(SELECT ${column} FROM (${TARGET}) AS target)`;

/** The inviter is a person or a key: only one of the two rows exists. */
const LOCK_INVITER = `
  WITH account AS MATERIALIZED (SELECT FROM users WHERE id = ${of('invited_by_id')} FOR SHARE),
  key AS MATERIALIZED (
    SELECT FROM api_keys WHERE id = ${of('invited_by_id')} AND (SELECT count(*) FROM account) >= 0 FOR SHARE)
  SELECT ${of('invited_by_id')} AS "inviterId", (SELECT count(*) FROM key)`;
/** Of the invitee: their account for a platform role, else their membership, which stands for all that they hold in projects. */
const LOCK_INVITEE = `
  WITH account AS MATERIALIZED (SELECT FROM users WHERE id = $3::uuid AND ${of('type')} = 'PLATFORM' FOR NO KEY UPDATE)
  SELECT FROM memberships WHERE organisation_id = ${of('organisation_id')} AND user_id = $3::uuid
    AND (SELECT count(*) FROM account) >= 0 FOR NO KEY UPDATE`;
const LOCKS = {
  inviter: LOCK_INVITER,
  invitee: LOCK_INVITEE,
  organisation: `SELECT FROM organisations WHERE id = ${of('organisation_id')} FOR KEY SHARE`,
  membership: `SELECT FROM memberships WHERE organisation_id = ${of('organisation_id')} AND user_id = ${of('invited_by_id')} FOR SHARE`,
  projectMemberships: `SELECT FROM project_memberships
    WHERE organisation_id = ${of('organisation_id')} AND user_id = ${of('invited_by_id')} ORDER BY project_id FOR SHARE`,
};

/** Locks and reads all that decides over an acceptance. */
@Injectable()
export class AcceptContextRepository {
  private readonly platforms: EntityJson<Platform>;
  private text?: string;

  constructor(
    private readonly dataSource: DataSource,
    private readonly access: AccessRepository,
    private readonly roles: RoleRepository,
    private readonly invitations: InvitationRepository,
  ) {
    this.platforms = new EntityJson(dataSource, Platform);
  }

  /** What the responsible inviter's rights rest on; the second statement answers who it is. */
  lockInviter(target: Target): Statement[] {
    const found = valuesOf(target);
    const { organisation, inviter, membership, projectMemberships } = LOCKS;
    return [organisation, inviter, membership, projectMemberships].map((text) => sql(text, found));
  }

  lockInvitee(target: Target, userId: string): Statement {
    return sql(LOCKS.invitee, [...valuesOf(target), userId]);
  }

  keepRoles(target: Target): Statement<Role> {
    return this.roles.keepThose(sql(this.invitations.grantedRoles(TARGET_ID), valuesOf(target)));
  }

  /** `userId`: of the person who accepts with an account. */
  read(target: Target, userId: string | null): Statement<AcceptContextRow> {
    this.text ??= this.textOfContext();
    return sql(this.text, [...valuesOf(target), userId]);
  }

  async peek(target: Target): Promise<{ invitation: Invitation; row: AcceptContextRow } | null> {
    const [invitation] = await this.query(this.invitations.select(sql(TARGET_ID, valuesOf(target))));
    const [row] = invitation ? await this.query(this.read(target, null)) : [];
    return invitation && row ? { invitation, row } : null;
  }

  platform({ platform }: AcceptContextRow): Platform {
    return this.platforms.read(platform);
  }

  private query<Row>({ text, values }: Statement<Row>): Promise<Row[]> {
    return this.dataSource.query(text, [...values]);
  }

  private textOfContext(): string {
    const inviter = { principal: 'target.invited_by_id', organisation: 'target.organisation_id' };
    const role = this.roles.object('r');
    return `
      SELECT now()::timestamptz(3) AS now, ${this.platforms.object('p')} AS platform,
        (SELECT status FROM organisations WHERE id = target.organisation_id) AS "organisationStatus",
        (${this.invitations.grantsIn('i.id = target.id')}) AS grants,
        ${this.access.rights('user', inviter)} AS person, ${this.access.rights('api_key', inviter, 'ever were')} AS key,
        EXISTS (SELECT FROM users WHERE email = target.email) AS "accountExists",
        (SELECT platform_role FROM users WHERE id = $3::uuid) AS "platformRole",
        (SELECT json_build_object('status', m.status, 'role', (SELECT ${role} FROM roles r WHERE r.id = m.role_id),
          'projects', (SELECT coalesce(json_object_agg(pm.project_id, ${role}), '{}') FROM project_memberships pm JOIN roles r ON r.id = pm.role_id
            WHERE pm.organisation_id = m.organisation_id AND pm.user_id = m.user_id))
          FROM memberships m WHERE m.organisation_id = target.organisation_id AND m.user_id = $3::uuid) AS membership
      FROM (${TARGET}) AS target, platform p`;
  }
}
