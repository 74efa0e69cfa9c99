import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions, violates } from '@usher/database';
import { invalid, problem } from '@usher/http';
import { Outbox } from '@usher/mailer';
import { DataSource, type EntityManager } from 'typeorm';
import type { Person } from '../access/caller.js';
import { Passwords } from '../auth/passwords.js';
import { type SessionToken, SessionsService } from '../auth/sessions.service.js';
import { Membership } from '../organisations/membership.entity.js';
import type { MembershipDto } from '../projects/membership.dto.js';
import { mayRedirectTo } from '../platform/platform.entity.js';
import { PlatformService } from '../platform/platform.service.js';
import { MyMembershipsService } from '../projects/my-memberships.service.js';
import { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { GrantGiver } from './grant-giver.js';
import { type Grants } from './grants.js';
import { GrantsReader } from './grants-reader.js';
import { acceptedEvent } from './invitation-audit.js';
import { Invitation, type InvitationType } from './invitation.entity.js';
import { type AcceptInvitationDto, maskAddress } from './invitee.dto.js';
import { closed, InviteeService } from './invitee.service.js';
import { InviterStanding } from './inviter-standing.js';
import type { AcceptanceFacts } from './shortcut/acceptance-facts.js';
import { AcceptanceShortcut } from './shortcut/acceptance-shortcut.js';

export interface Accepted {
  memberships: MembershipDto[];
  redirectUrl: string | null;
  session?: SessionToken;
}

/** A person who has no account yet. */
interface Newcomer {
  givenName: string | null;
  familyName: string | null;
  /** Null: a password reset sets the first one. */
  passwordHash: string | null;
}

/** Lets people in: all that the invitation grants, or nothing. */
@Injectable()
export class AcceptanceService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly invitees: InviteeService,
    private readonly standing: InviterStanding,
    private readonly grants: GrantsReader,
    private readonly giver: GrantGiver,
    private readonly shortcut: AcceptanceShortcut,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly memberships: MyMembershipsService,
    private readonly platform: PlatformService,
    private readonly outbox: Outbox,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** Without an account: makes one from name and password. With one: the caller must be signed in as it. */
  async accept(caller: Person | undefined, request: AcceptInvitationDto, facts?: AcceptanceFacts): Promise<Accepted> {
    const accepted = caller && facts && (await this.shortcut.accept(caller, request.token, facts));
    if (accepted) return accepted;
    const invitation = await this.invitees.find(request.token);
    return this.admit(caller, invitation, () => this.newcomer(invitation, request));
  }

  /** For wire formats that ask for the token alone: the account it makes has neither password nor session. Answers the invitation's id. */
  async acceptByToken(caller: Person | undefined, token: string, types: readonly InvitationType[]): Promise<string> {
    const invitation = await this.invitees.find(token);
    if (!types.includes(invitation.type)) throw closed();
    const { givenName, familyName } = invitation;
    await this.admit(caller, invitation, () => Promise.resolve({ givenName, familyName, passwordHash: null }));
    return invitation.id;
  }

  private async admit(
    caller: Person | undefined,
    invitation: Invitation,
    newcomer: () => Promise<Newcomer>,
  ): Promise<Accepted> {
    const again = await this.replay(caller, invitation);
    if (again) return again;
    if (!invitation.isOpen) throw closed();
    if (caller && caller.email !== invitation.email) throw wrongAccount(invitation);
    if (caller) return this.enter(invitation, caller);
    if (await this.dataSource.manager.existsBy(User, { email: invitation.email })) throw signInRequired();
    // Before a password is hashed, which is costly; looked at again within the transaction.
    await this.refuseWhenInviterMayNot(this.dataSource.manager, invitation);
    return this.enter(invitation, await newcomer());
  }

  /** For those who found it in `/me/invitations`: their proven address stands for the token. */
  async acceptMine(caller: Person, id: string): Promise<Accepted> {
    const invitation = await this.invitees.findMine(caller, id);
    const again = await this.replay(caller, invitation);
    if (again) return again;
    if (!invitation.isOpen) throw closed();
    return this.enter(invitation, caller);
  }

  /** The same person asks again, and is still a member: they get the same answer. Null for everybody else. */
  private async replay(caller: Person | undefined, invitation: Invitation): Promise<Accepted | null> {
    if (!caller || invitation.status !== 'ACCEPTED' || invitation.acceptedById !== caller.id) return null;
    const { organisationId } = invitation;
    const isMember = { organisationId: organisationId ?? '', userId: caller.id, status: 'ACTIVE' } as const;
    if (organisationId && !(await this.dataSource.manager.existsBy(Membership, isMember))) return null;
    return this.answer(invitation, caller.id);
  }

  /** The password is hashed before the transaction begins. */
  private async newcomer(invitation: Invitation, request: AcceptInvitationDto): Promise<Newcomer> {
    if (!request.password)
      throw invalid('password', 'password must be 8 to 128 characters: you have no account yet, so choose one');
    const chosen = { email: invitation.email, password: request.password, field: 'password' };
    const passwordHash = await this.passwords.hashChosen(chosen);
    const { givenName = invitation.givenName, familyName = invitation.familyName } = request;
    return { givenName, familyName, passwordHash };
  }

  private async enter(invitation: Invitation, person: Person | Newcomer): Promise<Accepted> {
    try {
      const { userId, session } = await this.transactions.run((tx) => this.enterWithin(tx, invitation, person));
      return this.answer(invitation, userId, session);
    } catch (error) {
      if (violates(error, 'users_email')) throw signInRequired();
      // A project was deleted at this moment; now the invitation no longer names it.
      if (violates(error, 'project_memberships_project_fk')) return this.enter(invitation, person);
      if (error instanceof AlreadyTaken) return this.afterAnother(invitation, person);
      throw error;
    }
  }

  /** Another request took the invitation first: perhaps the same person's. */
  private async afterAnother({ id }: Invitation, person: Person | Newcomer): Promise<Accepted> {
    const invitation = await this.dataSource.manager.findOneBy(Invitation, { id });
    const again = invitation && 'id' in person ? await this.replay(person, invitation) : null;
    if (!again) throw closed();
    return again;
  }

  private async enterWithin(tx: EntityManager, invitation: Invitation, person: Person | Newcomer) {
    await this.refuseWhenInviterMayNot(tx, invitation);
    const isNew = !('id' in person);
    if (!isNew) await this.giver.lockPresent(tx, person.id, invitation);
    const { grants } = await this.claim(tx, invitation);
    if (!(await this.grants.keepRoles(tx, grants))) throw closed();
    const userId = isNew ? await this.createUser(tx, invitation, person) : person.id;
    await this.giver.give(tx, userId, invitation, grants);
    await tx.update(Invitation, { id: invitation.id }, { acceptedById: userId });
    await this.outbox.cancel(tx, [invitation.id]);
    await this.audit.record(tx, acceptedEvent(invitation, userId));
    const startsSession = isNew && person.passwordHash !== null;
    return { userId, session: startsSession ? await this.sessions.start(tx, userId) : undefined };
  }

  private async refuseWhenInviterMayNot(tx: EntityManager, invitation: Invitation): Promise<void> {
    if (!(await this.standing.grantsGiven(tx, invitation))) throw closed();
  }

  /** Of two requests, be it by two links, and of an acceptance and a revocation, only one finds the invitation open. */
  private async claim(tx: EntityManager, { id, tokenHash, invitedById }: Invitation): Promise<{ grants: Grants }> {
    const claimed = await tx
      .createQueryBuilder()
      .update(Invitation)
      .set({ status: 'ACCEPTED', acceptedAt: () => 'now()', updatedAt: () => 'now()' })
      .where(`id = :id AND status = 'PENDING' AND expires_at > now()`, { id })
      .andWhere('token_hash = :tokenHash AND invited_by_id = :invitedById', { tokenHash, invitedById })
      .execute();
    if (claimed.affected !== 1) throw new AlreadyTaken();
    return { grants: await this.grants.of(tx, await tx.findOneByOrFail(Invitation, { id })) };
  }

  private async createUser(tx: EntityManager, invitation: Invitation, newcomer: Newcomer): Promise<string> {
    // A link that was shown to its inviter may have been opened by anybody: it proves nothing about the address.
    const user = await this.users.create(tx, {
      email: invitation.email,
      ...newcomer,
      emailVerified: !invitation.linkShown,
    });
    return user.id;
  }

  private async answer(
    { organisationId, redirectUrl }: Invitation,
    userId: string,
    session?: SessionToken,
  ): Promise<Accepted> {
    const memberships = organisationId ? await this.memberships.inOrganisation(userId, organisationId) : [];
    return { memberships, redirectUrl: await this.stillAllowed(redirectUrl), ...(session ? { session } : {}) };
  }

  /** An origin may have been taken off the platform's list since. */
  private async stillAllowed(redirectUrl: string | null): Promise<string | null> {
    if (redirectUrl === null) return null;
    return mayRedirectTo(await this.platform.settings(), redirectUrl) ? redirectUrl : null;
  }
}

class AlreadyTaken extends Error {}

const signInRequired = () =>
  problem(401, 'sign_in_required', 'There is an account for this address. Sign in with it, then accept.');

const wrongAccount = ({ email }: Invitation) => {
  const address = maskAddress(email);
  return problem(403, 'wrong_account', `This invitation is for ${address}. Sign out, and sign in with that address.`, {
    email: address,
  });
};
