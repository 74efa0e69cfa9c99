import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { flush, insertion, sql, type Statement } from '@usher/database';
import { orderBy, type Page, Pages } from '@usher/http';
import { type EntityManager, Repository } from 'typeorm';
import { OWNER_ROLE_ID } from '../access/permissions.js';
import { Membership } from './membership.entity.js';
import type { OrganisationListQuery } from './organisation.dto.js';
import { Organisation, type OrganisationSettings } from './organisation.entity.js';

const NEWEST_FIRST = orderBy<Organisation>('organisation', '-createdAt', 'id');

/** Which organisations a list shows. */
export type Listed = 'all' | { id: string | null } | { memberId: string };

export type LockMode = 'for_no_key_update' | 'pessimistic_write';

/** Organisations, as rows. */
@Injectable()
export class OrganisationRepository {
  constructor(
    @InjectRepository(Organisation) private readonly organisations: Repository<Organisation>,
    private readonly pages: Pages,
  ) {}

  page(which: Listed, query: OrganisationListQuery): Promise<Page<Organisation>> {
    const organisations = this.organisations.createQueryBuilder('organisation');
    if (which !== 'all' && 'id' in which) organisations.where('organisation.id = :id', which);
    if (which !== 'all' && 'memberId' in which) {
      const isTheirs = 'm.organisationId = organisation.id AND m.userId = :memberId AND m.status = :active';
      organisations.innerJoin(Membership, 'm', isTheirs, { ...which, active: 'ACTIVE' });
    }
    return this.pages.read(organisations, NEWEST_FIRST, query);
  }

  /** Inside a transaction, give its `tx`. */
  get(id: string, tx: EntityManager = this.organisations.manager): Promise<Organisation> {
    return tx.findOneByOrFail(Organisation, { id });
  }

  lock(tx: EntityManager, id: string, mode: LockMode): Promise<Organisation | null> {
    return tx.findOne(Organisation, { where: { id }, lock: { mode } });
  }

  /** With its first owner, if any. */
  insertions(
    { dataSource }: EntityManager,
    organisation: Pick<Organisation, 'id' | 'shortId' | 'name'>,
    ownerId: string | null,
  ): Statement[] {
    const created = insertion(dataSource, Organisation, [organisation]);
    if (!ownerId) return [created];
    const owner = { organisationId: organisation.id, userId: ownerId, roleId: OWNER_ROLE_ID };
    return [created, insertion(dataSource, Membership, [owner])];
  }

  async update(tx: EntityManager, id: string, changes: Partial<Organisation>): Promise<void> {
    await tx.update(Organisation, { id }, { ...changes, updatedAt: () => 'now()' });
  }

  async delete(tx: EntityManager, id: string): Promise<void> {
    await tx.delete(Organisation, { id });
  }

  /** Empties the setting wherever it is this address; answers the ids of those organisations. */
  async forgetAddress(tx: EntityManager, setting: keyof OrganisationSettings, address: string): Promise<string[]> {
    const [forgotten] = await flush(tx, [sql<{ id: string }>(FORGET_ADDRESS, [setting, address])]);
    return forgotten.map(({ id }) => id);
  }
}

const FORGET_ADDRESS = `
  UPDATE organisations SET settings = settings - $1::text, updated_at = now()
  WHERE settings ->> $1::text = $2 RETURNING id`;
