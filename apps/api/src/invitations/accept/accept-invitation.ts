import { Injectable } from '@nestjs/common';
import { type LastWrites, Transactions } from '@usher/database';
import { invalid } from '@usher/http';
import type { Person } from '../../access/caller.js';
import { hashOf } from '../../access/credential.js';
import { Passwords } from '../../auth/passwords.js';
import { WrongTokens } from '../../auth/wrong-tokens.js';
import type { InvitationType } from '../invitation.entity.js';
import type { Target } from '../invitation.repository.js';
import type { AcceptedDto, AcceptInvitationDto } from '../invitee.dto.js';
import { closed, notFoundForYou } from '../invitee.service.js';
import { type AcceptContext, AcceptContexts } from './accept-context.js';
import { ACCEPT_RULES, type AcceptRule, isOneOf, isReplay } from './accept-rules.js';
import { type AcceptedBy, type AcceptedInvitation, AcceptWrites, type Newcomer } from './accept-writes.js';

/** Somebody who accepts: with their account, or as the newcomer that they will be. */
interface Acceptance<T> {
  caller: Person | null;
  /** Of whoever has no account. */
  newcomer: Newcomer;
  target: Target;
  rules?: readonly AcceptRule[];
  answer: (context: AcceptContext, accepted: AcceptedBy) => LastWrites<T>;
}

/** Lets people in: all that the invitation grants, or nothing. Every way of accepting goes through here. */
@Injectable()
export class AcceptInvitation {
  constructor(
    private readonly transactions: Transactions,
    private readonly contexts: AcceptContexts,
    private readonly writes: AcceptWrites,
    private readonly passwords: Passwords,
    private readonly wrongTokens: WrongTokens,
  ) {}

  /** Without an account: makes one from name and password. With one: the caller must be signed in as it. */
  async accept(caller: Person | undefined, request: AcceptInvitationDto): Promise<AcceptedDto> {
    await this.wrongTokens.refuseGuesser();
    const target = byToken(request.token);
    const newcomer = caller ? WITHOUT_PASSWORD : await this.newcomer(target, request);
    return this.run({ caller: caller ?? null, newcomer, target, answer: this.writes.answer.bind(this.writes) });
  }

  /** For wire formats that ask for the token alone: the account it makes has neither password nor session. */
  async acceptByToken(
    caller: Person | undefined,
    token: string,
    types: readonly InvitationType[],
  ): Promise<AcceptedInvitation> {
    await this.wrongTokens.refuseGuesser();
    const rules = [isOneOf(types)];
    const person = { caller: caller ?? null, newcomer: WITHOUT_PASSWORD, target: byToken(token) };
    return this.run({ ...person, rules, answer: this.writes.invitation.bind(this.writes) });
  }

  /** For those who found it in `/me/invitations`: their proven address stands for the token. 404 for one to somebody else. */
  async acceptMine(caller: Person, id: string): Promise<AcceptedDto> {
    const isMine: AcceptRule = ({ invitation: { email } }) => {
      if (email !== caller.email || !caller.emailVerified) throw notFoundForYou();
    };
    const person = { caller, newcomer: WITHOUT_PASSWORD, target: { tokenHash: null, id } };
    return this.run({ ...person, rules: [isMine], answer: this.writes.answer.bind(this.writes) });
  }

  private async run<T>({ caller, newcomer, target, rules = [], answer }: Acceptance<T>): Promise<T> {
    const accepted = await this.transactions.run(async (tx) => {
      const context = await this.contexts.load(tx, caller, target);
      if (!context) return null;
      for (const rule of rules) rule(context);
      if (isReplay(context)) return answer(context, { userId: context.invitation.acceptedById ?? '', writes: [] });
      judge(context);
      return answer(context, this.writes.save(tx, context, newcomer));
    });
    if (accepted === null) throw await this.unknown(target);
    return accepted;
  }

  /** The password is hashed before the transaction begins, and only for an invitation that can be accepted. */
  private async newcomer(target: Target, { password, givenName, familyName }: AcceptInvitationDto): Promise<Newcomer> {
    const context = await this.contexts.peek(target);
    if (!context) throw await this.unknown(target);
    judge(context);
    if (!password)
      throw invalid('password', 'password must be 8 to 128 characters: you have no account yet, so choose one');
    const { email } = context.invitation;
    const passwordHash = await this.passwords.hashChosen({ email, password, field: 'password' });
    return { passwordHash, givenName, familyName };
  }

  /** A token that belongs to none counts as a guess. */
  private async unknown({ tokenHash }: Target): Promise<Error> {
    if (tokenHash) await this.wrongTokens.count();
    return tokenHash ? closed() : notFoundForYou();
  }
}

/** Only a reset, which goes by mail, sets one. */
const WITHOUT_PASSWORD: Newcomer = { passwordHash: null };

const byToken = (token: string): Target => ({ tokenHash: hashOf(token), id: null });

function judge(context: AcceptContext): void {
  for (const rule of ACCEPT_RULES) rule(context);
}
