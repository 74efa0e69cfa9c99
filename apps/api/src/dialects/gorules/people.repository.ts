import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MembershipStatus } from '../../organisations/membership.entity.js';
import type { NumberedPage } from '../../invitations/invitation-view.repository.js';

/** A member, or somebody who was invited and has not answered. */
export interface PersonListed {
  /** A member's account, or the invitee's id. */
  id: string;
  email: string;
  givenName: string | null;
  familyName: string | null;
  isMember: boolean;
  status: MembershipStatus;
  /** Null: invited to a project alone. */
  role: { id: string; key: string; name: string } | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Members and invited people in one list: a union of two tables, paged as a whole. */
@Injectable()
export class PeopleRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first; `search` is part of a name or an address, literally. */
  async list(
    organisationId: string,
    { search = '', page, perPage }: NumberedPage,
  ): Promise<{ data: PersonListed[]; total: number }> {
    const matching = [organisationId, search];
    const [{ total }]: [{ total: number }] = await this.dataSource.query(COUNT, matching);
    const data: PersonListed[] = await this.dataSource.query(PAGE, [...matching, perPage, (page - 1) * perPage]);
    return { data, total };
  }
}

const ROLE = `CASE WHEN r.id IS NOT NULL THEN json_build_object('id', r.id, 'key', r.key, 'name', r.name) END AS role`;

/** Whom the newest invitation leaves waiting; nobody twice, and no member. */
const PEOPLE = `
  WITH people AS (
    SELECT u.id, u.email, u.given_name AS "givenName", u.family_name AS "familyName", true AS "isMember", m.status,
      ${ROLE}, m.joined_at AS "createdAt", m.joined_at AS "updatedAt"
    FROM memberships m JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id
    WHERE m.organisation_id = $1::uuid
    UNION ALL
    SELECT i.invitee_id, i.email, i.given_name, i.family_name, false, 'ACTIVE', ${ROLE}, i.created_at, i.updated_at
    FROM (
      SELECT DISTINCT ON (email) invitee_id, email, given_name, family_name, status, role_id, created_at, updated_at
      FROM invitations WHERE organisation_id = $1::uuid ORDER BY email, created_at DESC, id DESC
    ) i LEFT JOIN roles r ON r.id = i.role_id
    WHERE i.status IN ('PENDING', 'EXPIRED') AND NOT EXISTS (
      SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organisation_id = $1::uuid AND u.email = i.email)
  ), matching AS (
    SELECT * FROM people WHERE strpos(lower(concat_ws(' ', "givenName", "familyName", email)), lower($2::text)) > 0)`;

const COUNT = `${PEOPLE} SELECT count(*)::int AS total FROM matching`;
const PAGE = `${PEOPLE} SELECT * FROM matching ORDER BY "createdAt", id LIMIT $3 OFFSET $4`;
