import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainEvents, flush } from '@usher/database';
import { Outbox } from '@usher/mailer';
import { Any, type EntityManager, type FindOptionsWhere, IsNull } from 'typeorm';
import { Authority } from '../../access/authority.js';
import { KeyInvitationsUnwanted } from '../../keys/api-key.events.js';
import { MemberRightsReduced, OrganisationDeleted, OwnerWanted } from '../../organisations/organisation.events.js';
import { ProjectDeleted } from '../../projects/project.events.js';
import { User } from '../../users/user.entity.js';
import { UserErased, UserRightsReduced } from '../../users/user.events.js';
import { maySend, organisationPlace, permissionsIn, placeOf } from '../grants.js';
import { InvitationGrant } from '../invitation-grant.entity.js';
import { Invitation, type RevokedReason } from '../invitation.entity.js';
import { InvitationRepository } from '../invitation.repository.js';
import { Invitee } from '../invitee.entity.js';
import { IssueInvitations } from '../issue/issue-invitations.js';
import { EndInvitations } from './end-invitations.js';

/** Takes back open invitations when what they stand on falls away, in the transaction that takes it away. */
@Injectable()
export class WithdrawalsService implements OnModuleInit {
  constructor(
    private readonly events: DomainEvents,
    private readonly issuing: IssueInvitations,
    private readonly ends: EndInvitations,
    private readonly invitations: InvitationRepository,
    private readonly authority: Authority,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.events.on(MemberRightsReduced, (tx, event) => this.afterMemberLostRights(tx, event));
    this.events.on(UserRightsReduced, (tx, event) => this.afterUserLostRights(tx, event));
    this.events.on(UserErased, (tx, event) => this.afterErasure(tx, event));
    this.events.on(ProjectDeleted, async (tx, { projectId }) =>
      this.withdraw(tx, { place: projectId }, 'project_deleted'),
    );
    this.events.on(OrganisationDeleted, async (tx, { organisationId }) =>
      this.withdraw(tx, { organisationId }, 'organisation_deleted'),
    );
    this.events.on(KeyInvitationsUnwanted, async (tx, { keyId }) =>
      this.withdraw(tx, { invitedByType: 'api_key', invitedById: keyId }, 'key_revoked'),
    );
    this.events.on(OwnerWanted, async (tx, { organisationId, email, caller }) => {
      const request = { email, grants: { role: 'OWNER' } };
      await this.issuing.issueBeside(tx, caller, organisationPlace(organisationId), request);
    });
  }

  private async afterMemberLostRights(
    tx: EntityManager,
    { organisationId, userId, projectId }: MemberRightsReduced,
  ): Promise<void> {
    await this.withdrawUnsendable(tx, userId, organisationId);
    const { email } = await tx.findOneByOrFail(User, { id: userId });
    const open = await this.invitations.lockOpen(tx, { organisationId, email });
    const lettingIn = projectId ? await this.lettingInto(tx, projectId, open) : open;
    await this.ends.withdraw(tx, lettingIn, 'invitee_lost_rights');
  }

  private async lettingInto(tx: EntityManager, projectId: string, invitations: Invitation[]): Promise<Invitation[]> {
    const ids = invitations.map((invitation) => invitation.id);
    const grants = await tx.findBy(InvitationGrant, { projectId, invitationId: Any(ids) });
    return invitations.filter((invitation) => grants.some((grant) => grant.invitationId === invitation.id));
  }

  private async afterUserLostRights(tx: EntityManager, { userId }: UserRightsReduced): Promise<void> {
    const open = await tx.findBy(Invitation, { invitedById: userId, status: 'PENDING' });
    for (const organisationId of new Set(open.map((invitation) => invitation.organisationId))) {
      await this.withdrawUnsendable(tx, userId, organisationId);
    }
    const { email } = await tx.findOneByOrFail(User, { id: userId });
    await this.withdraw(tx, { type: 'PLATFORM', email }, 'invitee_lost_rights');
  }

  /** What was sent to somebody erased forgets their address and names, whatever became of it. */
  private async afterErasure(tx: EntityManager, { userId, email }: UserErased): Promise<void> {
    await this.withdraw(tx, { invitedById: userId }, 'inviter_lost_rights');
    await this.ends.withdraw(tx, await this.invitations.lockPending(tx, { email }), 'invitee_erased');
    const nobody = {
      email: `${randomUUID()}@erased.invalid`,
      givenName: null,
      familyName: null,
      message: null,
      metadata: {},
      redirectUrl: null,
    };
    await tx.update(Invitation, { email }, nobody);
    await tx.delete(Invitee, { email });
    const theirs = await tx.find(Invitation, { where: { invitedById: userId }, select: { id: true } });
    await this.outbox.forget(
      tx,
      email,
      theirs.map((invitation) => invitation.id),
    );
  }

  /** Those that this person answers for and could no longer send. Their standing is locked before the invitations. */
  private async withdrawUnsendable(tx: EntityManager, userId: string, organisationId: string | null): Promise<void> {
    const holdings = await this.authority.of(tx, { type: 'user', id: userId }, organisationId);
    const theirs = { invitedByType: 'user', invitedById: userId, organisationId: organisationId ?? IsNull() } as const;
    const open = await this.invitations.lockOpen(tx, theirs);
    const [[{ grants }]] = await flush(tx, [this.invitations.grantsById(open.map(({ id }) => id))]);
    const unsendable = this.invitations
      .withGrants(open, grants)
      .filter((each) => !maySend(holdings, placeOf(each.invitation)) || !holdings.cover(permissionsIn(each.grants)))
      .map(({ invitation }) => invitation);
    await this.ends.withdraw(tx, unsendable, 'inviter_lost_rights');
  }

  private async withdraw(tx: EntityManager, where: FindOptionsWhere<Invitation>, reason: RevokedReason): Promise<void> {
    await this.ends.withdraw(tx, await this.invitations.lockOpen(tx, where), reason);
  }
}
