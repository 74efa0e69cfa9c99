import { Injectable } from '@nestjs/common';
import type { Statement } from '@usher/database';
import { type Json, type PageQuery, withMoments } from '@usher/http';
import type { MembershipDto, MembershipPageDto } from './membership.dto.js';
import { ProjectMembershipRepository } from './project-membership.repository.js';

/** Where somebody is a member, with their projects there. */
@Injectable()
export class MyMembershipsService {
  constructor(private readonly memberships: ProjectMembershipRepository) {}

  list(userId: string, query: PageQuery): Promise<Json<MembershipPageDto>> {
    return this.memberships.pageOf(userId, query);
  }

  /** For a transaction that reads it behind its writes: the membership in one organisation. */
  inOrganisation(userId: string, organisationId: string): Statement<{ shown: string }> {
    return this.memberships.inOrganisation(userId, organisationId);
  }

  /** What `inOrganisation` selects; none where there is no membership. */
  read(rows: readonly { shown: string }[]): MembershipDto[] {
    return rows.map(({ shown }) => withMoments(JSON.parse(shown) as MembershipDto, 'joinedAt'));
  }
}
