import { HttpException, Injectable } from '@nestjs/common';
import { Any, type EntityManager } from 'typeorm';
import { Authority, type Holdings } from '../../access/authority.js';
import type { Caller } from '../../access/caller.js';
import { Organisation } from '../../organisations/organisation.entity.js';
import type { Platform } from '../../platform/platform.entity.js';
import { PlatformService } from '../../platform/platform.service.js';
import { type Grants, type InvitationPlace } from '../grants.js';
import { GrantsReader } from '../grants-reader.js';
import { refuseOutsidePlan, refuseWithoutPermission, type Standing } from '../invitation-checks.js';
import { Invitation } from '../invitation.entity.js';
import type { Inviter } from '../new-invitation-shown.js';
import { SeatsService } from '../seats.service.js';
import { withProjectIds } from './bulk-project-keys.js';
import type { Row } from './bulk-rows.js';

/** Who asks for what, and where. */
export interface Asked {
  caller: Caller;
  place: InvitationPlace & { organisationId: string };
  rows: Row[];
  namesProjectsByKey: boolean;
}

/** An open invitation to the place, and what it gives. */
export interface Open {
  invitation: Invitation;
  grants: Grants;
}

/** All that decides over the rows; it stays so until the transaction ends. */
export interface Facts {
  caller: Caller;
  place: Asked['place'];
  holdings: Holdings;
  platform: Platform;
  organisation: Organisation;
  inviter: Inviter;
  /** By the database's clock. */
  now: Date;
  /** By the index of the row; a refusal where it names what the organisation does not have. */
  grants: ReadonlyMap<number, Grants | HttpException>;
  /** By address. */
  open: ReadonlyMap<string, Open>;
  /** By address: an invitation that lapsed and is not stored as EXPIRED yet. */
  lapsed: ReadonlyMap<string, string>;
  /** By address: members. */
  standings: ReadonlyMap<string, Standing>;
}

const STANDINGS = `
  SELECT u.email, m.status, r.permissions, coalesce((
    SELECT json_object_agg(pm.project_id, pr.permissions)
    FROM project_memberships pm JOIN roles pr ON pr.id = pm.role_id
    WHERE pm.organisation_id = m.organisation_id AND pm.user_id = m.user_id), '{}') AS projects
  FROM users u JOIN memberships m ON m.user_id = u.id JOIN roles r ON r.id = m.role_id
  WHERE m.organisation_id = $1 AND u.email = ANY ($2)`;

const INVITER = `
  SELECT u.email, u.given_name AS "givenName", u.family_name AS "familyName", k.name
  FROM (SELECT $1::uuid AS id) AS caller LEFT JOIN users u USING (id) LEFT JOIN api_keys k USING (id)`;

/** Reads and locks what decides over many rows, in a few statements however many they are. */
@Injectable()
export class BulkFactsReader {
  constructor(
    private readonly platform: PlatformService,
    private readonly authority: Authority,
    private readonly grants: GrantsReader,
    private readonly seats: SeatsService,
  ) {}

  /** Locks in the same order as a single invitation does: seats, the caller's standing, invitations, roles. */
  async read(tx: EntityManager, asked: Asked): Promise<Facts> {
    const { caller, place, rows } = asked;
    await this.seats.lock(tx, place.organisationId);
    const holdings = await this.authority.ofCaller(tx, caller, place.organisationId);
    refuseWithoutPermission(holdings, place);
    const organisation = await tx.findOneByOrFail(Organisation, { id: place.organisationId });
    refuseOutsidePlan(organisation);
    const [{ now }]: [{ now: Date }] = await tx.query('SELECT now()::timestamptz(3) AS now');
    const emails = rows.map(({ email }) => email);
    const invitations = await this.invitations(tx, place, emails);
    return {
      ...{ caller, place, holdings, organisation, now, ...invitations },
      inviter: await inviterWith(tx, caller.id),
      platform: await this.platform.settings(tx),
      grants: await this.grantsNamed(tx, asked),
      standings: await this.standings(tx, place.organisationId, emails),
    };
  }

  /** In the order in which withdrawals lock them. */
  private async invitations(
    tx: EntityManager,
    place: InvitationPlace,
    emails: string[],
  ): Promise<Pick<Facts, 'open' | 'lapsed'>> {
    const pending = await tx.find(Invitation, {
      where: { place: place.id, email: Any(emails), status: 'PENDING' },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
    const open = pending.filter((invitation) => invitation.isOpen);
    const grants = await this.grants.ofAll(tx, open);
    return {
      open: new Map(open.map((invitation, index) => [invitation.email, { invitation, grants: grants[index] }])),
      lapsed: new Map(pending.filter(({ isOpen }) => !isOpen).map(({ email, id }) => [email, id])),
    };
  }

  private async grantsNamed(tx: EntityManager, { place, rows, namesProjectsByKey }: Asked): Promise<Facts['grants']> {
    const { organisationId } = place;
    const named = namesProjectsByKey
      ? await withProjectIds(tx, organisationId, rows)
      : rows.map(({ request }) => request);
    const nothing = { projects: [] };
    const resolved = await this.grants.resolveEach(
      tx,
      place,
      named.map((names) => (names instanceof HttpException ? nothing : names)),
    );
    return new Map(
      rows.map(({ index }, at) => {
        const names = named[at];
        return [index, names instanceof HttpException ? names : resolved[at]];
      }),
    );
  }

  private async standings(tx: EntityManager, organisationId: string, emails: string[]): Promise<Facts['standings']> {
    const members: (Standing & { email: string })[] = await tx.query(STANDINGS, [organisationId, emails]);
    return new Map(members.map(({ email, ...standing }) => [email, standing]));
  }
}

async function inviterWith(tx: EntityManager, id: string): Promise<Inviter> {
  const [inviter]: [Inviter] = await tx.query(INVITER, [id]);
  return inviter;
}
