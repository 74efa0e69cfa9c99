import { Injectable } from '@nestjs/common';
import { orderBy, Pages, problem } from '@usher/http';
import { Any, DataSource, type FindOptionsWhere, type SelectQueryBuilder } from 'typeorm';
import { PrincipalNames } from '../keys/principal-names.js';
import type { InvitationPlace } from './grants.js';
import { InvitationGrant } from './invitation-grant.entity.js';
import type { InvitationListQuery } from './invitation-list.dto.js';
import { InvitationDto, type InvitationPageDto } from './invitation.dto.js';
import { Invitation, type InvitationType, inviterOf } from './invitation.entity.js';
import type { Issued } from './invitations.service.js';
import { Invitee } from './invitee.entity.js';

const SHOWN = ['organisation', 'role', 'mailMessage'] as const;

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

/** Invitations as inviters see them. */
@Injectable()
export class InvitationReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly names: PrincipalNames,
    private readonly pages: Pages,
  ) {}

  /** In an organisation all of it, those of its projects too; otherwise what was issued at the place. */
  async list(
    place: InvitationPlace,
    query: InvitationListQuery & { type?: InvitationType },
  ): Promise<InvitationPageDto> {
    const invitations = this.dataSource.createQueryBuilder(Invitation, 'invitation');
    for (const relation of SHOWN) invitations.leftJoinAndSelect(`invitation.${relation}`, relation);
    if (place.type === 'ORGANISATION') invitations.where('invitation.organisationId = :place', { place: place.id });
    else invitations.where('invitation.place = :place', { place: place.id });
    filter(invitations, query);
    const page = await this.pages.read(
      invitations,
      orderBy<Invitation>('invitation', query.sort ?? '-createdAt', 'id'),
      query,
    );
    return { ...page, data: await this.present(page.data) };
  }

  async get(id: string): Promise<InvitationDto> {
    const invitation = (await this.many([id])).get(id);
    if (!invitation) throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return invitation;
  }

  /** By their ids, in a few queries for all; who is gone is missing. */
  async many(ids: string[]): Promise<Map<string, InvitationDto>> {
    if (ids.length === 0) return new Map();
    const relations = { organisation: true, role: true, mailMessage: true };
    const invitations = await this.dataSource.manager.find(Invitation, { where: { id: Any(ids) }, relations });
    const shown = await this.present(invitations);
    return new Map(shown.map((invitation) => [invitation.id, invitation]));
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
    { status, search, page, perPage }: NumberedPage,
  ): Promise<NumberedInvitations> {
    const statuses = status ? [status] : ['PENDING', 'ACCEPTED'];
    const invitations = this.dataSource.createQueryBuilder(Invitation, 'invitation');
    for (const relation of SHOWN) invitations.leftJoinAndSelect(`invitation.${relation}`, relation);
    invitations.where('invitation.organisationId = :organisationId AND invitation.status IN (:...statuses)', {
      organisationId,
      statuses,
    });
    if (search) invitations.andWhere(FILTERS.q, { q: search });
    const total = await invitations.getCount();
    invitations.orderBy('invitation.createdAt', 'DESC').addOrderBy('invitation.id', 'DESC');
    const rows = await invitations
      .offset((page - 1) * perPage)
      .limit(perPage)
      .getMany();
    return { data: await this.present(rows), total };
  }

  /** The invitation as it is now, with its link when the caller may see it. */
  async issued({ invitationId, link }: Issued): Promise<InvitationDto> {
    const invitation = await this.get(invitationId);
    return link ? { ...invitation, link } : invitation;
  }

  /** One query for all grants, one for all inviters. */
  private async present(invitations: Invitation[]): Promise<InvitationDto[]> {
    const ids = invitations.map((invitation) => invitation.id);
    const relations = { project: true, role: true };
    const order = { projectId: 'ASC' } as const;
    const grants = await this.dataSource.manager.find(InvitationGrant, {
      where: { invitationId: Any(ids) },
      relations,
      order,
    });
    const inviters = await this.names.of(invitations.map(inviterOf));
    const byInvitation = new Map<string, InvitationGrant[]>(ids.map((id) => [id, []]));
    for (const grant of grants) byInvitation.get(grant.invitationId)?.push(grant);
    return invitations.map((invitation) =>
      InvitationDto.from(
        invitation,
        byInvitation.get(invitation.id) ?? [],
        inviters.get(invitation.invitedById) ?? null,
      ),
    );
  }
}

const GIVES_ROLE = `(role.id::text = lower(:role) OR lower(role.key) = lower(:role) OR EXISTS (
  SELECT 1 FROM invitation_grants g JOIN roles r ON r.id = g.role_id
  WHERE g.invitation_id = invitation.id AND (r.id::text = lower(:role) OR lower(r.key) = lower(:role))))`;

const LETS_INTO =
  'EXISTS (SELECT 1 FROM invitation_grants g WHERE g.invitation_id = invitation.id AND g.project_id = :projectId)';

const IN_STATUS = `CASE WHEN invitation.status = 'PENDING' AND invitation.expiresAt <= now() THEN 'EXPIRED' ELSE invitation.status END = :status`;

/** What each filter asks of an invitation; a filter that is not given asks nothing. */
const FILTERS = {
  type: 'invitation.type = :type',
  status: IN_STATUS,
  email: 'invitation.email = :email',
  q: 'strpos(invitation.email, lower(:q)) > 0',
  role: GIVES_ROLE,
  projectId: LETS_INTO,
  invitedBy: 'invitation.invitedById = :invitedBy',
  delivery: 'mailMessage.status = :delivery',
} as const;

function filter(
  invitations: SelectQueryBuilder<Invitation>,
  query: InvitationListQuery & { type?: InvitationType },
): void {
  for (const [name, condition] of Object.entries(FILTERS) as [keyof typeof FILTERS, string][]) {
    // as: the keys of this very object
    const value = query[name];
    if (value !== undefined) invitations.andWhere(condition, { [name]: value });
  }
}
