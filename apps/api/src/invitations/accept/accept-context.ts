import { Injectable } from '@nestjs/common';
import { ConcurrentUpdateError, flush, sql } from '@usher/database';
import type { EntityManager } from 'typeorm';
import { type Holdings, holdingsOf } from '../../access/authority.js';
import type { Person } from '../../access/caller.js';
import type { PlatformRole } from '../../access/permissions.js';
import type { OrganisationStatus } from '../../organisations/organisation.entity.js';
import type { Platform } from '../../platform/platform.entity.js';
import type { Grants } from '../grants.js';
import type { Invitation } from '../invitation.entity.js';
import { InvitationRepository, TARGET_ID, type Target, valuesOf } from '../invitation.repository.js';
import { AcceptContextRepository, type AcceptContextRow, type PresentMembership } from './accept-context.repository.js';

/** All that decides over an acceptance. It is locked, so it stays as it is until the transaction ends. */
export interface AcceptContext {
  caller: Person | null;
  /** By the database's clock. */
  now: Date;
  platform: Platform;
  invitation: Invitation;
  grants: Grants;
  /** Null: an invitation to the platform. */
  organisationStatus: OrganisationStatus | null;
  /** Of the responsible inviter: a key is judged by its role, also once it is revoked. */
  inviter: Holdings;
  accountExists: boolean;
  /** Of the caller. */
  platformRole: PlatformRole | null;
  /** Of the caller; null: none yet. */
  membership: PresentMembership | null;
}

/** Locks in the order of `docs/architecture.md`, then reads: one round trip. */
@Injectable()
export class AcceptContexts {
  constructor(
    private readonly repository: AcceptContextRepository,
    private readonly invitations: InvitationRepository,
  ) {}

  /** Null when there is no such invitation. */
  async load(tx: EntityManager, caller: Person | null, target: Target): Promise<AcceptContext | null> {
    const rows = await flush(tx, [
      ...this.repository.lockInviter(target),
      ...(caller ? [this.repository.lockInvitee(target, caller.id)] : []),
      this.invitations.lock(sql(TARGET_ID, valuesOf(target))),
      this.repository.keepRoles(target),
      this.repository.read(target, caller?.id ?? null),
    ]);
    const [{ inviterId }] = rows[1] as [{ inviterId: string | null }]; // as: of `lockInviter`
    const [[invitation], , [row]] = rows.slice(-3) as [Invitation[], unknown, (AcceptContextRow | undefined)[]]; // as: of the last three
    if (!invitation) return null;
    // What was waited for gave it a new link, or another responsible inviter.
    if (!row || invitation.invitedById !== inviterId) throw new ConcurrentUpdateError('invitation');
    return this.contextOf(caller, invitation, row);
  }

  /** Without locks: for what is refused before anything costly is done. */
  async peek(target: Target): Promise<AcceptContext | null> {
    const found = await this.repository.peek(target);
    return found && this.contextOf(null, found.invitation, found.row);
  }

  private contextOf(caller: Person | null, row: Invitation, context: AcceptContextRow): AcceptContext {
    const [{ invitation, grants }] = this.invitations.withGrants([row], context.grants);
    const { now, organisationStatus, person, key, accountExists, platformRole, membership } = context;
    return {
      caller,
      now,
      platform: this.repository.platform(context),
      invitation,
      grants,
      organisationStatus,
      inviter: holdingsOf(invitation.invitedByType === 'user' ? person : key),
      accountExists,
      platformRole,
      membership,
    };
  }
}
