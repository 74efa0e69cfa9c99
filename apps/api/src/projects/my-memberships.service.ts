import { Injectable } from '@nestjs/common';
import { type Condition, orderBy, PageQuery, Pages } from '@usher/http';
import { DataSource } from 'typeorm';
import { Membership } from '../organisations/membership.entity.js';
import type { RoleColumns } from '../organisations/role.sql.js';
import type { MembershipDto, MembershipPageDto, ProjectRoleDto } from './membership.dto.js';
import { membershipsOf } from './my-memberships.sql.js';

const LONGEST_FIRST = {
  ...orderBy<MembershipRow>('membership', 'joinedAt', 'organisationId'),
  by: 'm.joined_at',
  id: 'm.organisation_id',
};

/** Where somebody is a member, with their projects there. */
@Injectable()
export class MyMembershipsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  async list(userId: string, query: PageQuery): Promise<MembershipPageDto> {
    const conditions: Condition[] = [['m.user_id = (SELECT ?::uuid)', userId]];
    const list = { table: 'memberships', alias: 'm', conditions, order: LONGEST_FIRST, select: membershipsOf };
    const page = await this.pages.select<MembershipRow>(this.dataSource.manager, list, query);
    return { ...page, data: page.data.map(membershipOf) };
  }

  /** The membership in one organisation; empty when there is none. */
  async inOrganisation(userId: string, organisationId: string): Promise<MembershipDto[]> {
    const rows: MembershipRow[] = await this.dataSource.query(IN_ORGANISATION, [userId, organisationId]);
    return rows.map(membershipOf);
  }

  /** Of somebody who is an active member of one alone; null when it is none or several. */
  async onlyOrganisation(userId: string): Promise<string | null> {
    const active = await this.dataSource.manager.find(Membership, {
      where: { userId, status: 'ACTIVE' },
      select: { organisationId: true, userId: true },
      take: 2,
    });
    return active.length === 1 ? active[0].organisationId : null;
  }
}

const IN_ORGANISATION = membershipsOf('SELECT * FROM memberships WHERE user_id = $1 AND organisation_id = $2', '');

interface MembershipRow extends Pick<MembershipDto, 'status' | 'joinedAt'>, RoleColumns {
  roleId: string;
  organisationId: string;
  shortId: string;
  name: string;
  /** Null: none. */
  projects: ProjectRoleDto[] | null;
}

const membershipOf = (row: MembershipRow): MembershipDto => ({
  organisation: { id: row.organisationId, shortId: row.shortId, name: row.name },
  role: { id: row.roleId, key: row.roleKey, name: row.roleName },
  status: row.status,
  joinedAt: row.joinedAt,
  projects: row.projects ?? [],
});
