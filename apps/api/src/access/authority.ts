import { Injectable } from '@nestjs/common';
import { flush } from '@usher/database';
import { problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { AccessRepository, type RightsRow } from './access.repository.js';
import type { Place, Principal } from './caller.js';
import { covers, type Permission, PLATFORM_ROLE_PERMISSIONS } from './permissions.js';

/** Permissions wanted at a place: in the organisation, or in one of its projects. */
export interface Wanted {
  projectId: string | null;
  permissions: readonly string[];
}

/** What somebody holds at this moment: on the platform, in one organisation, and in its projects. */
export class Holdings {
  /** In every project, too. */
  private readonly inOrganisation: ReadonlySet<string>;

  constructor(
    everywhere: readonly Permission[],
    organisation: readonly string[],
    private readonly projects: ReadonlyMap<string, readonly string[]>,
  ) {
    this.inOrganisation = new Set([...everywhere, ...organisation]);
  }

  has(permission: Permission, projectId: string | null = null): boolean {
    return this.in(projectId).has(permission);
  }

  /** Whether everything wanted is held: nobody gives, takes or touches what they do not hold. */
  cover(wanted: readonly Wanted[]): boolean {
    return wanted.every(({ projectId, permissions }) => covers(this.in(projectId), permissions));
  }

  private in(projectId: string | null): ReadonlySet<string> {
    const inProject = projectId === null ? undefined : this.projects.get(projectId);
    return inProject ? new Set([...this.inOrganisation, ...inProject]) : this.inOrganisation;
  }
}

/** The place of what concerns the whole installation. */
export const EVERYWHERE = { organisationId: null, projectId: null };

/** Reads what somebody holds inside a transaction, and keeps it from changing until the transaction ends. */
@Injectable()
export class Authority {
  constructor(private readonly access: AccessRepository) {}

  /** Looks again inside the transaction: since the guard looked, the caller may have been demoted. 403 without the permission. */
  async require(
    tx: EntityManager,
    caller: Principal,
    permission: Permission,
    place: Pick<Place, 'organisationId' | 'projectId'>,
  ): Promise<Holdings> {
    const holdings = await this.ofCaller(tx, caller, place.organisationId);
    if (holdings.has(permission, place.projectId)) return holdings;
    throw problem(403, 'forbidden', `This needs the permission ${permission}, which your role does not hold here.`);
  }

  /** What somebody who acts holds: a revoked or expired key nothing, and a suspended organisation's people nothing in it. */
  async ofCaller(tx: EntityManager, caller: Principal, organisationId: string | null): Promise<Holdings> {
    const { rights, organisationStatus } = await this.read(tx, caller, organisationId, 'SHARE');
    return holdingsOf(organisationStatus === 'SUSPENDED' ? withoutOrganisation(rights) : rights);
  }

  /** What the responsible inviter of an invitation holds: a key is judged by its role, also once it is revoked. */
  async of(tx: EntityManager, principal: Principal, organisationId: string | null): Promise<Holdings> {
    return holdingsOf((await this.read(tx, principal, organisationId, 'KEY SHARE')).rights);
  }

  /** In one round trip. */
  private async read(
    tx: EntityManager,
    principal: Principal,
    organisationId: string | null,
    mode: 'SHARE' | 'KEY SHARE',
  ) {
    const rows = await flush(tx, [
      ...(organisationId ? [this.access.organisationLock(organisationId, mode)] : []),
      ...this.access.locks(principal, organisationId),
      this.access.readRights(principal, organisationId, mode === 'SHARE' ? 'are live' : 'ever were'),
    ]);
    const [read] = rows[rows.length - 1] as { rights: RightsRow | null; organisationStatus: string | null }[]; // as: the last statement's
    return read;
  }
}

const NOTHING = new Holdings([], [], new Map());

/** What rights come to. Those who have lost everything hold nothing. */
export function holdingsOf(rights: RightsRow | null): Holdings {
  if (!rights) return NOTHING;
  const { platformRole, permissions, projects } = rights;
  const everywhere = PLATFORM_ROLE_PERMISSIONS[platformRole];
  if (!permissions) return new Holdings(everywhere, [], new Map());
  return new Holdings(everywhere, permissions, new Map(Object.entries(projects ?? {})));
}

/** In a suspended organisation nobody holds anything by their role there. */
export const withoutOrganisation = (rights: RightsRow | null): RightsRow | null =>
  rights && { ...rights, permissions: null, projects: null };
