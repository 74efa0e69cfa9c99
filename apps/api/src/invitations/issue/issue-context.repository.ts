import { Injectable } from '@nestjs/common';
import { EntityJson, sql, type Statement } from '@usher/database';
import { DataSource } from 'typeorm';
import { AccessRepository, type RightsRow } from '../../access/access.repository.js';
import type { Principal } from '../../access/caller.js';
import type { PlatformRole } from '../../access/permissions.js';
import type { MembershipStatus } from '../../organisations/membership.entity.js';
import { Organisation } from '../../organisations/organisation.entity.js';
import { Platform } from '../../platform/platform.entity.js';
import { Project } from '../../projects/project.entity.js';
import { InvitationRepository, type StoredGrants } from '../invitation.repository.js';
import { SEATS_OF, type SeatsRow } from '../../plans/seat.repository.js';
import type { Asked } from './issue-request.js';

/** Somebody with an account, and what they hold. */
export interface PersonRow {
  email: string;
  platformRole: PlatformRole;
  /** In the organisation; null: no member. */
  status: MembershipStatus | null;
  permissions: string[] | null;
  /** Of the roles in its projects, by the project's id. */
  projects: Readonly<Record<string, string[]>>;
}

export interface IssueContextRow {
  now: Date;
  platform: object;
  organisation: object | null;
  rights: RightsRow | null;
  projects: object[];
  people: PersonRow[];
  grants: StoredGrants[];
  inviteeIds: Record<string, string>;
  /** Null: the organisation has no limit, or there is none. */
  seats: SeatsRow | null;
}

const LOCK_ORGANISATION = `
  WITH limited AS MATERIALIZED (
    SELECT FROM organisations WHERE id = $1 AND seat_limit IS NOT NULL FOR NO KEY UPDATE)
  SELECT (SELECT count(*) FROM limited) > 0 AS "hasSeatLimit" FROM organisations
  WHERE id = $1 AND (SELECT count(*) FROM limited) >= 0 FOR SHARE`;

/** Reads all that decides over invitations in one statement. */
@Injectable()
export class IssueContextRepository {
  private readonly entities: {
    platform: EntityJson<Platform>;
    organisation: EntityJson<Organisation>;
    project: EntityJson<Project>;
  };
  private texts?: Record<Principal['type'], string>;

  constructor(
    dataSource: DataSource,
    private readonly access: AccessRepository,
    private readonly invitations: InvitationRepository,
  ) {
    this.entities = {
      platform: new EntityJson(dataSource, Platform),
      organisation: new EntityJson(dataSource, Organisation),
      project: new EntityJson(dataSource, Project),
    };
  }

  /** Two that want the last seat come one after the other; without a limit nobody waits but for its plan, suspension or deletion. */
  lockOrganisation(id: string): Statement<{ hasSeatLimit: boolean }> {
    return sql(LOCK_ORGANISATION, [id]);
  }

  read(caller: Principal, { place, emails, invitationIds, projects }: Asked): Statement<IssueContextRow> {
    this.texts ??= { user: this.textFor('user'), api_key: this.textFor('api_key') };
    const { organisationId, projectId } = place;
    const at = projectId ?? organisationId;
    return sql(this.texts[caller.type], [organisationId, caller.id, emails, invitationIds, at, projects]);
  }

  platform = ({ platform }: IssueContextRow): Platform => this.entities.platform.read(platform);

  organisation = ({ organisation }: IssueContextRow): Organisation | null =>
    organisation && this.entities.organisation.read(organisation);

  projects = ({ projects }: IssueContextRow): Project[] =>
    projects.map((project) => this.entities.project.read(project));

  /** `$1` the organisation, `$2` the caller, `$3` addresses, `$4` invitations, `$5` the place, null: the platform; `$6` what projects are called. */
  private textFor(caller: Principal['type']): string {
    const { platform, organisation, project } = this.entities;
    const chosen = { emails: '$3', invitationIds: '$4', place: '$5' };
    return `
      WITH asked AS (${this.invitations.addresses(chosen)})
      SELECT now()::timestamptz(3) AS now, ${platform.object('p')} AS platform,
        (SELECT ${organisation.object('o')} FROM organisations o WHERE o.id = $1) AS organisation,
        ${this.access.rights(caller, { principal: '$2', organisation: '$1' })} AS rights,
        (SELECT coalesce(json_agg(${project.object('x')}), '[]') FROM projects x
          WHERE x.organisation_id = $1 AND (x.id::text = ANY ($6) OR x.external_id = ANY ($6))) AS projects,
        (SELECT coalesce(json_agg(json_build_object('email', u.email, 'platformRole', u.platform_role, 'status', m.status,
            'permissions', r.permissions, 'projects', (
              SELECT coalesce(json_object_agg(pm.project_id, pr.permissions), '{}') FROM project_memberships pm JOIN roles pr ON pr.id = pm.role_id
              WHERE pm.organisation_id = m.organisation_id AND pm.user_id = m.user_id))), '[]')
          FROM asked JOIN users u USING (email) LEFT JOIN memberships m ON m.organisation_id = $1 AND m.user_id = u.id
          LEFT JOIN roles r ON r.id = m.role_id) AS people,
        (${this.invitations.storedGrants(chosen)}) AS grants,
        (SELECT coalesce(json_object_agg(email, id), '{}') FROM asked JOIN invitees USING (email) WHERE organisation_id = $1) AS "inviteeIds",
        ${SEATS_OF('$1', 'asked')} AS seats
      FROM platform p`;
  }
}
