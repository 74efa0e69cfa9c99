import { type HttpException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { DomainEvents, Transactions } from '@usher/database';
import { type Actor, problem } from '@usher/http';
import { Repository } from 'typeorm';
import type { Person, SignedInPerson } from '../access/caller.js';
import { User } from '../users/user.entity.js';
import { PasswordReplaced } from '../users/user.events.js';
import type { ChangePasswordDto, SignInDto } from './auth.dto.js';
import { Passwords } from './passwords.js';
import { type SessionToken, SessionsService } from './sessions.service.js';
import { SignInThrottle } from './sign-in-throttle.js';

type Credentials = Pick<User, 'id' | 'status' | 'passwordHash'>;

@Injectable()
export class SignInService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly throttle: SignInThrottle,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
  ) {}

  /** An unknown address, a wrong password and a suspended account answer alike, at the same cost. */
  async signIn(caller: Person | undefined, { email, password }: SignInDto): Promise<SessionToken & { user: User }> {
    await this.throttle.count(email);
    const credentials = await this.credentialsOf({ email });
    const passwordHash = credentials?.status === 'ACTIVE' ? credentials.passwordHash : null;
    const matches = await this.passwords.matches(passwordHash, password);
    if (!matches || !credentials) throw await this.refused(credentials?.id);
    await this.throttle.forgive(email);
    const signedIn = await this.transactions.run(async (tx) => {
      // Shared: a suspension or a new password at this moment waits, and then ends this session too.
      const user = await tx.findOne(User, {
        where: { id: credentials.id, status: 'ACTIVE', passwordHash: passwordHash ?? '' },
        lock: { mode: 'pessimistic_read' },
      });
      return user && { ...(await this.sessions.start(tx, user.id, caller?.sessionId ?? undefined)), user };
    });
    if (!signedIn) throw await this.refused(credentials.id);
    return signedIn;
  }

  /** Ends all other sessions of the caller, and their personal API keys. */
  async changePassword(caller: SignedInPerson, { currentPassword, newPassword }: ChangePasswordDto): Promise<void> {
    await this.throttle.count(caller.email);
    const credentials = await this.credentialsOf({ id: caller.id });
    if (!(await this.passwords.matches(credentials?.passwordHash, currentPassword))) {
      throw wrongPassword();
    }
    await this.throttle.forgive(caller.email);
    const chosen = { email: caller.email, password: newPassword, field: 'newPassword' };
    const passwordHash = await this.passwords.hashChosen(chosen);
    await this.transactions.run(async (tx) => {
      // Only the password that was verified is replaced: a reset by mail at this moment must win.
      const verified = { id: caller.id, status: 'ACTIVE' as const, passwordHash: credentials?.passwordHash ?? '' };
      const { affected } = await tx.update(User, verified, { passwordHash, updatedAt: () => 'now()' });
      if (affected !== 1) throw wrongPassword();
      await this.sessions.endAll(tx, caller.id, { except: caller.sessionId });
      await this.events.publish(tx, new PasswordReplaced(caller.id));
      await this.audit.record(tx, { action: 'user.password_changed', subject: { type: 'user', id: caller.id } });
    });
  }

  /** Written down alike whatever was wrong, and by nobody: who tried is not known. */
  private async refused(userId: string | null = null): Promise<HttpException> {
    const subject = { type: 'user', id: userId };
    const actor: Actor = { type: 'system', id: null };
    await this.audit.record(this.users.manager, { action: 'sign_in.refused', subject, actor });
    return problem(401, 'invalid_credentials', 'The address or the password is wrong.');
  }

  private credentialsOf(where: { id: string } | { email: string }): Promise<Credentials | null> {
    return this.users.findOne({ where, select: { id: true, status: true, passwordHash: true } });
  }
}

const wrongPassword = () =>
  problem(403, 'wrong_password', 'The current password is wrong. If you forgot it, ask for a reset by mail.');
