import { Injectable } from '@nestjs/common';
import { ConcurrentUpdateError, flush } from '@usher/database';
import { Outbox, type Reservation } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import { AccessRepository } from '../../access/access.repository.js';
import { type Holdings, holdingsOf, withoutOrganisation } from '../../access/authority.js';
import type { Caller, Place } from '../../access/caller.js';
import type { Organisation } from '../../organisations/organisation.entity.js';
import type { Role } from '../../organisations/role.entity.js';
import { RoleRepository } from '../../organisations/role.repository.js';
import { roleAmong, type RoleName } from '../../organisations/roles.service.js';
import type { Platform } from '../../platform/platform.entity.js';
import type { Project } from '../../projects/project.entity.js';
import type { Grants } from '../grants.js';
import type { Invitation } from '../invitation.entity.js';
import { InvitationRepository } from '../invitation.repository.js';
import { Allowance, SendingLimits } from '../../plans/sending-limits.js';
import { SeatsLeft } from '../../plans/seats-left.js';
import { IssueContextRepository, type IssueContextRow, type PersonRow } from './issue-context.repository.js';
import { askedOf, type Catalogue, type InviteRequest } from './issue-request.js';

/** An invitation that exists, and what it grants. */
export interface Existing {
  invitation: Invitation;
  grants: Grants;
}

/** What is shown of who invites: of a person, and of a key. */
export interface Inviter {
  email: string;
  givenName: string | null;
  familyName: string | null;
  name: string;
}

/** All that decides over the requests. It is locked, so it stays as it is until the transaction ends. */
export interface IssueContext {
  caller: Caller;
  place: Place;
  /** By the database's clock. */
  now: Date;
  platform: Platform;
  /** Null: invitations to the platform. */
  organisation: Organisation | null;
  holdings: Holdings;
  inviter: Inviter;
  catalogue: Catalogue;
  roleNamed: (name: RoleName) => Role | null;
  /** By address: who has an account, member or not. */
  people: ReadonlyMap<string, PersonRow>;
  /** By id: those that requests name, and `pending`. */
  existing: ReadonlyMap<string, Existing>;
  /** By address: the one invitation in the place that has not ended, though it may have lapsed. */
  pending: ReadonlyMap<string, Existing>;
  /** By address. */
  inviteeIds: ReadonlyMap<string, string>;
  seats: SeatsLeft;
  allowance: Allowance;
  /** False: no mail can be sent from this installation. */
  isMailOpen: boolean;
}

/** Locks in the order of `docs/architecture.md`, then reads: one round trip, however many requests there are. */
@Injectable()
export class IssueContexts {
  constructor(
    private readonly access: AccessRepository,
    private readonly roles: RoleRepository,
    private readonly invitations: InvitationRepository,
    private readonly limits: SendingLimits,
    private readonly contexts: IssueContextRepository,
    private readonly outbox: Outbox,
  ) {}

  async load(
    tx: EntityManager,
    caller: Caller,
    place: Place,
    requests: readonly InviteRequest[],
  ): Promise<IssueContext> {
    const asked = askedOf(place, requests);
    const { organisationId } = place;
    const chosen = this.invitations.idsOf(asked);
    const rows = await flush(tx, [
      ...(organisationId ? [this.contexts.lockOrganisation(organisationId)] : []),
      ...this.access.locks(caller, organisationId),
      this.invitations.lock(chosen),
      this.roles.keep(organisationId, asked.roles, { ...chosen, text: this.invitations.grantedRoles(chosen.text) }),
      this.limits.reserve(caller, organisationId, this.invitations.addressesOf(asked)),
      this.contexts.read(caller, asked),
    ]);
    const loaded = rows.slice(-4) as Loaded; // as: what the last four select
    const [, , , [{ seats }]] = loaded;
    // The limit was set while its organisation was waited for: now others may be taking seats beside us.
    if (seats && !(rows[0][0] as { hasSeatLimit: boolean }).hasSeatLimit) throw new ConcurrentUpdateError('seats'); // as: of `lockOrganisation`
    return this.contextOf(caller, place, loaded);
  }

  private contextOf(caller: Caller, place: Place, [invitations, ownRoles, [reservation], [row]]: Loaded): IssueContext {
    const { rights, now } = row;
    const organisation = this.contexts.organisation(row);
    const platform = this.contexts.platform(row);
    const roles = [...this.roles.builtIn, ...ownRoles];
    const existing = this.invitations.withGrants(invitations, row.grants);
    const projects = [...this.contexts.projects(row), ...existing.flatMap(({ grants }) => projectsIn(grants))];
    const sender = { caller, organisationId: place.organisationId, limits: platform.limits };
    return {
      caller,
      place,
      now,
      platform,
      organisation,
      holdings: holdingsOf(organisation?.status === 'SUSPENDED' ? withoutOrganisation(rights) : rights),
      inviter: { ...NOBODY, ...rights },
      catalogue: catalogueOf(roles, projects),
      roleNamed: roleAmong(roles),
      people: new Map(row.people.map((person) => [person.email, person])),
      existing: new Map(existing.map((each) => [each.invitation.id, each])),
      pending: new Map(existing.filter(isPending).map((each) => [each.invitation.email, each])),
      inviteeIds: new Map(Object.entries(row.inviteeIds)),
      seats: new SeatsLeft(row.seats),
      allowance: new Allowance(sender, reservation, now),
      isMailOpen: this.outbox.isOpen,
    };
  }
}

const isPending = ({ invitation }: Existing): boolean => invitation.status === 'PENDING';

type Loaded = [Invitation[], Role[], [Reservation], [IssueContextRow]];

const projectsIn = ({ projects }: Grants): Project[] => projects.map(({ project }) => project);

const NOBODY: Inviter = { email: '', givenName: null, familyName: null, name: '' };

function catalogueOf(roles: readonly Role[], found: readonly Project[]): Catalogue {
  const projects = new Map(found.map((project) => [project.id, project]));
  const byExternalId = new Map<string, Project[]>();
  for (const project of projects.values()) {
    const { externalId } = project;
    if (externalId !== null) byExternalId.set(externalId, [...(byExternalId.get(externalId) ?? []), project]);
  }
  const called = (word: string): Project[] => [projects.get(word) ?? [], byExternalId.get(word) ?? []].flat();
  return {
    roles,
    projects,
    projectsCalled: (key) => [...new Set([...called(key), ...called(key.toLowerCase())])],
  };
}
