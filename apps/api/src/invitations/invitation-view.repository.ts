import { Injectable } from '@nestjs/common';
import { type Condition, Json, Pages, problem } from '@usher/http';
import { DataSource } from 'typeorm';
import type { Place } from '../access/caller.js';
import type { InvitationListQuery } from './invitation-list.dto.js';
import { FILTERS, IN_STATUS, invitationsIn, type ShownInvitation, shownOf } from './invitation-json.js';
import { InvitationDto, type InvitationPageDto } from './invitation.dto.js';
import type { InvitationType } from './invitation.entity.js';

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
export class InvitationViewRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  /** In an organisation all of it, those of its projects too; otherwise what was issued at the place. */
  page(place: Place, query: Filters): Promise<Json<InvitationPageDto>> {
    const list = { ...invitationsIn(query.sort), ...asked(place, query) };
    return this.pages.select(this.dataSource.manager, list, query);
  }

  /** The same page, to work with. */
  async list(place: Place, query: Filters): Promise<InvitationPageDto> {
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

  /** The newest invitation of whom the organisation knows under this id; null when it knows nobody. */
  async newestOf(organisationId: string, inviteeId: string): Promise<InvitationDto | null> {
    const [row]: (ShownInvitation | undefined)[] = await this.dataSource.query(NEWEST_OF, [organisationId, inviteeId]);
    return row ? InvitationDto.read(row.shown) : null;
  }

  /** By address, the newest invitation that was accepted. */
  async newestAccepted(organisationId: string, emails: string[]): Promise<Map<string, InvitationDto>> {
    const rows: ShownInvitation[] = await this.dataSource.query(NEWEST_ACCEPTED, [organisationId, emails]);
    return new Map(
      rows.map(({ shown }) => InvitationDto.read(shown)).map((invitation) => [invitation.email, invitation]),
    );
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
}

/** Has an index of its own: what is issued by organisations is found by them. */
const ELSEWHERE = `i.place = coalesce(?, (SELECT id FROM platform)) AND i.type <> 'ORGANISATION'`;
const NEWEST_FIRST = 'ORDER BY i.created_at DESC, i.id DESC';
const BY_ID = shownOf('SELECT * FROM invitations WHERE id = $1');
const NEWEST_OF = shownOf(`SELECT i.* FROM invitations i JOIN invitees USING (organisation_id, email)
  WHERE invitees.organisation_id = $1 AND invitees.id = $2 ${NEWEST_FIRST} LIMIT 1`);
const NEWEST_ACCEPTED = shownOf(`SELECT DISTINCT ON (email) * FROM invitations
  WHERE organisation_id = $1 AND email = ANY ($2) AND status = 'ACCEPTED' ORDER BY email, created_at DESC, id DESC`);
const MATCHING = `FROM invitations i WHERE i.organisation_id = $1 AND i.status = ANY($2) AND strpos(i.email, lower($3::text COLLATE "C")) > 0`;
const COUNT_NUMBERED = `SELECT count(*)::int AS total ${MATCHING}`;
const NUMBERED = `${shownOf(`SELECT i.* ${MATCHING} ${NEWEST_FIRST} LIMIT $4 OFFSET $5`)} ${NEWEST_FIRST}`;

/** What an index finds, and what is looked for among that. */
function asked(place: Place, { status, email, ...query }: Filters): Record<'conditions' | 'filters', Condition[]> {
  const inStatus: Condition[] = status ? [[IN_STATUS[status]]] : [];
  const isIndexed = status === 'PENDING';
  return {
    conditions: [
      [place.type === 'ORGANISATION' ? 'i.organisation_id = ?' : ELSEWHERE, place.projectId ?? place.organisationId],
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
