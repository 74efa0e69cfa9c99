import { Injectable } from '@nestjs/common';
import { type Condition, type Order, orderBy, Pages, problem } from '@usher/http';
import { DataSource, type FindOptionsWhere } from 'typeorm';
import type { InvitationPlace } from './grants.js';
import { INVITATION_SORTS, type InvitationListQuery, type InvitationSort } from './invitation-list.dto.js';
import { FILTERS, IN_STATUS, shownOf } from './invitation-reader.sql.js';
import { InvitationDto, type InvitationPageDto, type InvitationRow } from './invitation.dto.js';
import { Invitation, type InvitationType } from './invitation.entity.js';
import type { Issued } from './invitations.service.js';
import { Invitee } from './invitee.entity.js';

/** A page by its number, from 1 on. */
export interface NumberedPage {
  status?: 'PENDING' | 'ACCEPTED';
  /** Part of an address, literally. */
  search?: string;
  page: number;
  perPage: number;
}

export interface NumberedInvitations {
  data: InvitationDto[];
  total: number;
}

type Filters = InvitationListQuery & { type?: InvitationType };

/** Invitations as inviters see them. */
@Injectable()
export class InvitationReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  /** In an organisation all of it, those of its projects too; otherwise what was issued at the place. */
  async list(place: InvitationPlace, query: Filters): Promise<InvitationPageDto> {
    const order = ORDERS[query.sort ?? '-createdAt'];
    const list = { table: 'invitations', alias: 'i', order, select: shownOf, ...asked(place, query) };
    const page = await this.pages.select<InvitationRow>(this.dataSource.manager, list, query);
    return { ...page, data: page.data.map(InvitationDto.from) };
  }

  async get(id: string): Promise<InvitationDto> {
    const [row]: (InvitationRow | undefined)[] = await this.dataSource.query(BY_ID, [id]);
    if (!row) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return InvitationDto.from(row);
  }

  /** By their ids; who is gone is missing. */
  async many(ids: string[]): Promise<Map<string, InvitationDto>> {
    if (ids.length === 0) return new Map();
    const rows: InvitationRow[] = await this.dataSource.query(BY_IDS, [ids]);
    return new Map(rows.map((row) => [row.id, InvitationDto.from(row)]));
  }

  /** The newest invitation of whom the organisation knows under this id; null when it knows nobody. */
  async newestOf(organisationId: string, inviteeId: string): Promise<InvitationDto | null> {
    const invitee = await this.dataSource.manager.findOneBy(Invitee, { organisationId, id: inviteeId });
    return invitee && this.newest({ organisationId, email: invitee.email });
  }

  /** Where several match, the newest; null when none does. */
  async newest(where: FindOptionsWhere<Invitation>): Promise<InvitationDto | null> {
    const order = { createdAt: 'DESC', id: 'DESC' } as const;
    const newest = await this.dataSource.manager.findOne(Invitation, { where, select: { id: true }, order });
    return newest && this.get(newest.id);
  }

  /** Open, lapsed and accepted ones, by the number of the page and with their total: for wire formats that turn pages so. */
  async numbered(
    organisationId: string,
    { status, search = '', page, perPage }: NumberedPage,
  ): Promise<NumberedInvitations> {
    const matching = [organisationId, status ? [status] : ['PENDING', 'ACCEPTED'], search];
    const [{ total }]: [{ total: number }] = await this.dataSource.query(COUNT_NUMBERED, matching);
    const rows: InvitationRow[] = await this.dataSource.query(NUMBERED, [...matching, perPage, (page - 1) * perPage]);
    return { data: rows.map(InvitationDto.from), total };
  }

  /** The invitation as it is now, with its link when the caller may see it. */
  async issued({ invitationId, link, shown }: Issued): Promise<InvitationDto> {
    const invitation = shown ?? (await this.get(invitationId));
    return link ? { ...invitation, link } : invitation;
  }
}

/** Has an index of its own: what is issued by organisations is found by them. */
const ELSEWHERE = `i.place = (SELECT ?::uuid) AND i.type <> 'ORGANISATION'`;
const NEWEST_FIRST = 'ORDER BY i.created_at DESC, i.id DESC';
const BY_ID = shownOf('SELECT * FROM invitations WHERE id = $1', '');
const BY_IDS = shownOf('SELECT * FROM invitations WHERE id = ANY($1)', '');
const MATCHING = `FROM invitations i WHERE i.organisation_id = $1 AND i.status = ANY($2) AND strpos(i.email, lower($3)) > 0`;
const COUNT_NUMBERED = `SELECT count(*)::int AS total ${MATCHING}`;
const NUMBERED = shownOf(`SELECT i.* ${MATCHING} ${NEWEST_FIRST} LIMIT $4 OFFSET $5`, NEWEST_FIRST);

const COLUMNS = { createdAt: 'i.created_at', expiresAt: 'i.expires_at', email: 'i.email' } as const;

const ORDERS = Object.fromEntries(
  INVITATION_SORTS.map((sort) => {
    const by = COLUMNS[sort.replace('-', '') as keyof typeof COLUMNS]; // as: every sort is one of these, with or without `-`
    return [sort, { ...orderBy<InvitationRow>('invitation', sort, 'id'), by, id: 'i.id' }];
  }),
) as Record<InvitationSort, Order<InvitationRow>>; // as: one of each sort

/** What an index finds, and what is looked for among that. */
function asked(
  place: InvitationPlace,
  { status, email, ...query }: Filters,
): Record<'conditions' | 'filters', Condition[]> {
  const inStatus: Condition[] = status ? [[IN_STATUS[status]]] : [];
  const isIndexed = status === 'PENDING';
  return {
    conditions: [
      [place.type === 'ORGANISATION' ? 'i.organisation_id = (SELECT ?::uuid)' : ELSEWHERE, place.id],
      ...(email === undefined ? [] : [['i.email = ?', email] as Condition]), // as: its one value
      ...(isIndexed ? inStatus : []),
    ],
    filters: [...(isIndexed ? [] : inStatus), ...filtersOf(query)],
  };
}

/** A filter may name its value several times. */
function filtersOf(query: Filters): Condition[] {
  const names = Object.keys(FILTERS) as (keyof typeof FILTERS)[]; // as: the keys of this very object
  return names.flatMap((name): Condition[] => {
    const value = query[name];
    if (value === undefined) return [];
    const values = Array.from({ length: FILTERS[name].split('?').length - 1 }, () => value);
    return [[FILTERS[name], ...values]];
  });
}
