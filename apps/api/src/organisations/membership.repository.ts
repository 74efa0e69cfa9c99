import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { sqlJson } from '@usher/database';
import { type Condition, type Json, Pages, type SqlList } from '@usher/http';
import { type EntityManager, In, Repository } from 'typeorm';
import type { MemberDto, MemberListQuery, MemberPageDto, PersonDto } from './member.dto.js';
import { isActiveOwner, Membership } from './membership.entity.js';
import { roleFields } from './role.sql.js';

const { moment, object, text, word } = sqlJson;

type Key = Pick<Membership, 'organisationId' | 'userId'>;

/** Memberships, as rows. */
@Injectable()
export class MembershipRepository {
  constructor(
    @InjectRepository(Membership) private readonly memberships: Repository<Membership>,
    private readonly pages: Pages,
  ) {}

  page(organisationId: string, query: MemberListQuery): Promise<Json<MemberPageDto>> {
    const filters: Condition[] = query.status ? [['m.status = ?', query.status]] : [];
    const list = { ...membersIn(['m.organisation_id = ?', organisationId]), filters };
    return this.pages.select(this.memberships.manager, list, query);
  }

  /** With person and role. Inside a transaction, give its `tx`. */
  find(key: Key, tx: EntityManager = this.memberships.manager): Promise<Membership | null> {
    return tx.findOne(Membership, { where: key, relations: { user: true, role: true } });
  }

  /** Those whose addresses these are, suspended ones too; with person and role. */
  withAddresses(organisationId: string, emails: string[]): Promise<Membership[]> {
    return this.memberships.find({
      where: { organisationId, user: { email: In(emails) } },
      relations: { user: true, role: true },
    });
  }

  /** All of somebody's, with the roles. */
  ofUser(tx: EntityManager, userId: string): Promise<Membership[]> {
    return tx.find(Membership, { where: { userId }, relations: { role: true } });
  }

  activeOwners(tx: EntityManager, organisationId: string): Promise<Membership[]> {
    return tx.findBy(Membership, isActiveOwner(organisationId));
  }

  /** With person and role. An acceptance may be raising the role at this moment: what is read is what it leaves. */
  async lock(tx: EntityManager, key: Key): Promise<Membership | null> {
    await this.lockRow(tx, key);
    return this.find(key, tx);
  }

  /** Where nothing is read of it. */
  async lockRow(tx: EntityManager, key: Key): Promise<void> {
    await tx.findOne(Membership, { where: key, lock: { mode: 'for_no_key_update' } });
  }

  async update(tx: EntityManager, key: Key, changes: Pick<Membership, 'roleId'> | Pick<Membership, 'status'>) {
    await tx.update(Membership, key, changes);
  }

  async delete(tx: EntityManager, key: Key): Promise<void> {
    await tx.delete(Membership, key);
  }
}

/** Who is in a large organisation is read page after page by dashboards: one statement writes the page, which is cut before the joins. */
const membersIn = (organisation: Condition): SqlList => ({
  table: 'memberships',
  alias: 'm',
  conditions: [organisation],
  order: { name: 'membership.userId joinedAt', by: 'm.joined_at', id: 'm.user_id', direction: 'ASC' },
  shown: object<MemberDto>({
    user: object<PersonDto>({
      id: word('u.id'),
      email: text('u.email'),
      givenName: text('u.given_name'),
      familyName: text('u.family_name'),
    }),
    role: object(roleFields('r')),
    status: word('m.status'),
    joinedAt: moment('m.joined_at'),
  }),
  joins: 'JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id',
});
