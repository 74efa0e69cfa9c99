import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import { orderBy, PageQuery, Pages, problem } from '@usher/http';
import { Outbox } from '@usher/mailer';
import { DataSource, In } from 'typeorm';
import type { Person } from '../access/caller.js';
import { hashOf } from '../access/credential.js';
import { platformRoleName } from '../access/permissions.js';
import { WrongTokens } from '../auth/wrong-tokens.js';
import { publicName } from '../organisations/organisation.entity.js';
import { displayName, User } from '../users/user.entity.js';
import { invitationEvent } from './invitation-audit.js';
import { InvitationGrant } from './invitation-grant.entity.js';
import { Invitation } from './invitation.entity.js';
import { type InvitationLookupDto, maskAddress, type MyInvitationPageDto } from './invitee.dto.js';

const SOONEST_FIRST = orderBy<Invitation>('invitation', 'expiresAt', 'id');

/** One answer for unknown, spent, revoked, lapsed and withdrawn: nothing can be learnt from it. */
export const closed = () =>
  problem(410, 'invitation_closed', 'This invitation is no longer open. Ask for a fresh link, or ask who invited you.');

/** What the person invited sees of an invitation, and how they decline it. */
@Injectable()
export class InviteeService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly wrongTokens: WrongTokens,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
    private readonly pages: Pages,
  ) {}

  /** The invitation that a token, the first or the reminder's, belongs to, open or not; 410 for a token that belongs to none, and 429 after 30 of those in a minute. */
  async find(token: string): Promise<Invitation> {
    await this.wrongTokens.refuseGuesser();
    const relations = { organisation: true, role: true };
    const tokenHash = hashOf(token);
    const invitation = await this.dataSource.manager.findOne(Invitation, {
      where: [{ tokenHash }, { reminderTokenHash: tokenHash }],
      relations,
    });
    if (invitation) return invitation;
    await this.wrongTokens.count();
    throw closed();
  }

  async lookup(token: string): Promise<InvitationLookupDto> {
    const invitation = await this.find(token);
    if (!invitation.isOpen || invitation.organisation?.status === 'SUSPENDED') throw closed();
    const [{ id: _id, ...shown }] = await this.present([invitation]);
    return shown;
  }

  async decline(token: string): Promise<void> {
    const { id } = await this.find(token);
    await this.declineById(id);
  }

  /** Open invitations to the caller's address; none until a mail to it is proven to have arrived. */
  async mine(caller: Person, query: PageQuery): Promise<MyInvitationPageDto> {
    const invitations = this.dataSource
      .createQueryBuilder(Invitation, 'invitation')
      .leftJoinAndSelect('invitation.organisation', 'organisation')
      .leftJoinAndSelect('invitation.role', 'role')
      .where(`invitation.email = :email AND invitation.status = 'PENDING' AND invitation.expiresAt > now()`, {
        email: caller.email,
      })
      .andWhere(`organisation.status IS DISTINCT FROM 'SUSPENDED'`);
    if (!caller.emailVerified) invitations.andWhere('false');
    const page = await this.pages.read(invitations, SOONEST_FIRST, query);
    return { ...page, data: await this.present(page.data) };
  }

  /** 404 unless it is to the caller's address, and the address is proven to be theirs. */
  async findMine(caller: Person, id: string): Promise<Invitation> {
    const relations = { organisation: true, role: true };
    const invitation = await this.dataSource.manager.findOne(Invitation, {
      where: { id, email: caller.email },
      relations,
    });
    if (!invitation || !caller.emailVerified)
      throw problem(404, 'not_found', 'There is no invitation with this id for you.');
    return invitation;
  }

  async declineMine(caller: Person, id: string): Promise<void> {
    const invitation = await this.findMine(caller, id);
    await this.declineById(invitation.id);
  }

  private async declineById(id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const invitation = await tx.findOneOrFail(Invitation, { where: { id }, lock: { mode: 'for_no_key_update' } });
      if (!invitation.isOpen) throw closed();
      await tx.update(Invitation, { id }, { status: 'DECLINED', declinedAt: () => 'now()', updatedAt: () => 'now()' });
      await this.outbox.cancel(tx, [id]);
      await this.audit.record(tx, invitationEvent('invitation.declined', invitation));
    });
  }

  private async present(invitations: Invitation[]): Promise<(InvitationLookupDto & { id: string })[]> {
    const { manager } = this.dataSource;
    const relations = { project: true, role: true };
    const ids = invitations.map((invitation) => invitation.id);
    const grants = await manager.find(InvitationGrant, { where: { invitationId: In(ids) }, relations });
    const inviters = await manager.findBy(User, { id: In(invitations.map((invitation) => invitation.invitedById)) });
    const invitees = await manager.findBy(User, { email: In(invitations.map((invitation) => invitation.email)) });
    return invitations.map((invitation) => {
      const inviter = inviters.find((user) => user.id === invitation.invitedById);
      const { id, type, organisation, platformRole, role, message, expiresAt, email } = invitation;
      return {
        id,
        type,
        organisation: organisation && { name: publicName(organisation) },
        role: platformRole ? platformRoleName(platformRole) : (role?.name ?? null),
        projects: grants
          .filter((grant) => grant.invitationId === id)
          .map((grant) => ({ name: grant.project.name, role: grant.role.name })),
        invitedBy: inviter ? { name: displayName(inviter) } : null,
        email: maskAddress(email),
        message,
        expiresAt,
        accountExists: invitees.some((user) => user.email === email),
      };
    });
  }
}
