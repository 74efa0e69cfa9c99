import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Authority } from '../access/authority.js';
import { Organisation } from '../organisations/organisation.entity.js';
import { type Grants, maySend, permissionsIn, placeOf } from './grants.js';
import { GrantsReader } from './grants-reader.js';
import { type Invitation, inviterOf } from './invitation.entity.js';

/** Whether those who answer for invitations could still send them. */
@Injectable()
export class InviterStanding {
  constructor(
    private readonly authority: Authority,
    private readonly grants: GrantsReader,
  ) {}

  /** What the invitation gives; null when its inviter may not give that any more. Locks the inviter's standing: somebody who is being removed or demoted at this moment lets nobody in. */
  async grantsGiven(tx: EntityManager, invitation: Invitation): Promise<Grants | null> {
    const { organisationId } = invitation;
    const holdings = await this.authority.of(tx, inviterOf(invitation), organisationId);
    const grants = await this.grants.of(tx, invitation);
    if (invitation.type === 'PROJECT' && grants.projects.length === 0) return null;
    if (!maySend(holdings, placeOf(invitation)) || !holdings.cover(permissionsIn(grants))) return null;
    if (organisationId && !(await tx.existsBy(Organisation, { id: organisationId, status: 'ACTIVE' }))) return null;
    return grants;
  }
}
