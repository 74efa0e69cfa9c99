import { Injectable } from '@nestjs/common';
import { type FoundPage, type Json, type PageQuery, Pages, withMoments } from '@usher/http';
import { DataSource } from 'typeorm';
import { Membership } from '../organisations/membership.entity.js';
import type { MembershipDto, MembershipPageDto } from './membership.dto.js';
import { membershipsOf } from './my-memberships.sql.js';

/** Where somebody is a member, with their projects there. */
@Injectable()
export class MyMembershipsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  /** `found`: the first page, where it was read already. */
  list(userId: string, query: PageQuery, found?: FoundPage): Promise<Json<MembershipPageDto>> {
    const list = membershipsOf(['m.user_id = (SELECT ?::uuid)', userId]);
    return this.pages.select(this.dataSource.manager, list, query, found);
  }

  /** The membership in one organisation; empty when there is none. */
  async inOrganisation(userId: string, organisationId: string): Promise<MembershipDto[]> {
    const rows: { shown: string }[] = await this.dataSource.query(IN_ORGANISATION, [userId, organisationId]);
    return rows.map(({ shown }) => withMoments(JSON.parse(shown) as MembershipDto, 'joinedAt'));
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

const { shown, joins } = membershipsOf();
const IN_ORGANISATION = `SELECT ${shown} AS shown FROM memberships m ${joins} WHERE m.user_id = $1 AND m.organisation_id = $2`;
