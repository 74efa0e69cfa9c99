import { Injectable } from '@nestjs/common';
import { type Condition, type FoundPage, Json, Pages, problem } from '@usher/http';
import { DataSource, type FindOptionsWhere } from 'typeorm';
import type { InvitationPlace } from './grants.js';
import type { InvitationListQuery } from './invitation-list.dto.js';
import { FILTERS, IN_STATUS, invitationsIn, type ShownInvitation, shownOf } from './invitation-reader.sql.js';
import { InvitationDto, type InvitationPageDto } from './invitation.dto.js';
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

  /** In an organisation all of it, those of its projects too; otherwise what was issued at the place. `found`: the first page, where it was read already. */
  page(place: InvitationPlace, query: Filters, found?: FoundPage): Promise<Json<InvitationPageDto>> {
    return this.pages.select(
      this.dataSource.manager,
      { ...invitationsIn(query.sort), ...asked(place, query) },
      query,
      found,
    );
  }

  /** The same page, to work with. */
  async list(place: InvitationPlace, query: Filters): Promise<InvitationPageDto> {
    const { text } = await this.page(place, query);
    const { data, ...page } = JSON.parse(text) as InvitationPageDto; // as: its moments are text
    return { ...page, data: data.map(InvitationDto.revive) };
  }

  async get(id: string): Promise<InvitationDto> {
    return InvitationDto.read((await this.show(id)).text);
  }

  async show(id: string): Promise<Json<InvitationDto>> {
    const [row]: (ShownInvitation | undefined)[] = await this.dataSource.query(BY_ID, [id]);
    if (!row) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return new Json(row.shown);
  }

  /** By their ids; who is gone is missing. */
  async many(ids: string[]): Promise<Map<string, InvitationDto>> {
    if (ids.length === 0) return new Map();
    const rows: ShownInvitation[] = await this.dataSource.query(BY_IDS, [ids]);
    const invitations = rows.map(({ shown }) => InvitationDto.read(shown));
    return new Map(invitations.map((invitation) => [invitation.id, invitation]));
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
    const rows: ShownInvitation[] = await this.dataSource.query(NUMBERED, [...matching, perPage, (page - 1) * perPage]);
    return { data: rows.map(({ shown }) => InvitationDto.read(shown)), total };
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
const BY_ID = shownOf('SELECT * FROM invitations WHERE id = $1');
const BY_IDS = shownOf('SELECT * FROM invitations WHERE id = ANY($1)');
const MATCHING = `FROM invitations i WHERE i.organisation_id = $1 AND i.status = ANY($2) AND strpos(i.email, lower($3)) > 0`;
const COUNT_NUMBERED = `SELECT count(*)::int AS total ${MATCHING}`;
const NUMBERED = `${shownOf(`SELECT i.* ${MATCHING} ${NEWEST_FIRST} LIMIT $4 OFFSET $5`)} ${NEWEST_FIRST}`;

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
