import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { DomainEvents, Transactions } from '@usher/database';
import { problem } from '@usher/http';
import { Repository } from 'typeorm';
import type { Person, SignedInPerson } from '../access/caller.js';
import { User } from '../users/user.entity.js';
import { PasswordReplaced } from '../users/user.events.js';
import type { ChangePasswordDto, SignInDto } from './auth.dto.js';
import { Passwords } from './passwords.js';
import { type SessionToken, SessionsService } from './sessions.service.js';
import { SignInThrottle } from './sign-in-throttle.js';

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
    const matches = await this.passwords.matches(credentials?.passwordHash, password);
    if (!matches || !credentials) throw problem(401, 'invalid_credentials', 'The address or the password is wrong.');
    await this.throttle.forgive(email);
    return this.transactions.run(async (tx) => {
      // Shared: a suspension or a new password at this moment waits, and then ends this session too.
      const user = await tx.findOne(User, {
        where: { id: credentials.id, status: 'ACTIVE', passwordHash: credentials.passwordHash ?? '' },
        lock: { mode: 'pessimistic_read' },
      });
      if (!user) throw problem(401, 'invalid_credentials', 'The address or the password is wrong.');
      return { ...(await this.sessions.start(tx, user.id, caller?.sessionId ?? undefined)), user };
    });
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

  private credentialsOf(where: { id: string } | { email: string }): Promise<Pick<User, 'id' | 'passwordHash'> | null> {
    return this.users.findOne({ where: { ...where, status: 'ACTIVE' }, select: { id: true, passwordHash: true } });
  }
}

const wrongPassword = () =>
  problem(403, 'wrong_password', 'The current password is wrong. If you forgot it, ask for a reset by mail.');
