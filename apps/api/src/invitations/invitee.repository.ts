import { Injectable } from '@nestjs/common';
import { orderBy, type Page, type PageQuery, Pages } from '@usher/http';
import { DataSource } from 'typeorm';
import { platformRoleName, type PlatformRole } from '../access/permissions.js';
import {
  type OrganisationStatus,
  type OrganisationSettings,
  publicName,
} from '../organisations/organisation.entity.js';
import { maskAddress } from '../users/masked-address.js';
import { displayName } from '../users/user.entity.js';
import type { InvitationLookupDto, MyInvitationDto } from './invitee.dto.js';
import { Invitation, type InvitationStatus } from './invitation.entity.js';
import { TARGET, valuesOf } from './invitation.repository.js';

const SOONEST_FIRST = orderBy<Invitation>('invitation', 'expiresAt', 'id');

/** What the person invited sees, and whether it can be accepted. */
export interface Found {
  status: InvitationStatus;
  isLapsed: boolean;
  organisationStatus: OrganisationStatus | null;
  shown: MyInvitationDto;
}

type Row = Omit<Found, 'shown'> &
  Pick<
    MyInvitationDto,
    'id' | 'type' | 'email' | 'givenName' | 'familyName' | 'message' | 'expiresAt' | 'accountExists' | 'projects'
  > & {
    linkShown: boolean;
    platformRole: PlatformRole | null;
    role: string | null;
    organisation: { name: string; settings: OrganisationSettings } | null;
    inviter: { email: string; givenName: string | null; familyName: string | null } | null;
  };

const shown = (invitations: string): string => `
  SELECT i.id, i.type, i.status, i.expires_at <= now() AS "isLapsed", i.email, i.link_shown AS "linkShown", i.given_name AS "givenName", i.family_name AS "familyName", i.message, i.expires_at AS "expiresAt",
    i.platform_role AS "platformRole", r.name AS role, o.status AS "organisationStatus",
    CASE WHEN o.id IS NOT NULL THEN json_build_object('name', o.name, 'settings', o.settings) END AS organisation,
    CASE WHEN u.id IS NOT NULL THEN
      json_build_object('email', u.email, 'givenName', u.given_name, 'familyName', u.family_name) END AS inviter,
    (SELECT coalesce(json_agg(json_build_object('name', p.name, 'role', given.name) ORDER BY p.id), '[]')
      FROM invitation_grants g JOIN projects p ON p.id = g.project_id JOIN roles given ON given.id = g.role_id
      WHERE g.invitation_id = i.id) AS projects,
    EXISTS (SELECT FROM users WHERE email = i.email) AS "accountExists"
  FROM (${invitations}) AS i
  LEFT JOIN organisations o ON o.id = i.organisation_id
  LEFT JOIN roles r ON r.id = i.role_id
  LEFT JOIN users u ON u.id = i.invited_by_id AND i.invited_by_type = 'user'`;

const BY_TARGET = shown(TARGET);
const BY_IDS = shown('SELECT * FROM invitations WHERE id = ANY ($1)');

/** Invitations as the person invited sees them. */
@Injectable()
export class InviteeRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  /** Open invitations to an address; none to one that is not proven. */
  open(email: string, isProven: boolean, query: PageQuery): Promise<Page<Invitation>> {
    const invitations = this.dataSource
      .createQueryBuilder(Invitation, 'invitation')
      .leftJoin('invitation.organisation', 'organisation')
      .where(`invitation.email = :email AND invitation.status = 'PENDING' AND invitation.expiresAt > now()`, { email })
      .andWhere(`organisation.status IS DISTINCT FROM 'SUSPENDED'`);
    if (!isProven) invitations.andWhere('false');
    return this.pages.read(invitations, SOONEST_FIRST, query);
  }

  /** Null for a token that belongs to none. */
  async byToken(tokenHash: Buffer): Promise<Found | null> {
    const [row]: (Row | undefined)[] = await this.dataSource.query(BY_TARGET, valuesOf({ tokenHash, id: null }));
    return row ? found(row) : null;
  }

  /** In the order of the ids. */
  async byIds(ids: string[]): Promise<MyInvitationDto[]> {
    const rows: Row[] = ids.length > 0 ? await this.dataSource.query(BY_IDS, [ids]) : [];
    const byId = new Map(rows.map((row) => [row.id, found(row).shown]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

function found({ status, isLapsed, organisationStatus, ...row }: Row): Found {
  const { id, type, organisation, platformRole, role, projects, inviter, email, linkShown, ...others } = row;
  const lookup: InvitationLookupDto = {
    type,
    organisation: organisation && { name: publicName(organisation) },
    role: platformRole ? platformRoleName(platformRole) : role,
    projects,
    invitedBy: inviter && { name: displayName(inviter) },
    email: linkShown ? maskAddress(email) : email,
    ...others,
  };
  return { status, isLapsed, organisationStatus, shown: { id, ...lookup } };
}
