import { type HttpException, Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import { type Actor, problem } from '@usher/http';
import type { SignedInPerson } from '../access/caller.js';
import type { User } from '../users/user.entity.js';
import { UserRepository } from '../users/user.repository.js';
import type { ChangePasswordDto, SignInDto } from './auth.dto.js';
import { Passwords } from './passwords.js';
import { ReplacedPasswords } from './replaced-passwords.js';
import { type SessionToken, SessionsService } from './sessions.service.js';
import { SignInThrottle } from './sign-in-throttle.js';

@Injectable()
export class SignInService {
  constructor(
    private readonly users: UserRepository,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly replaced: ReplacedPasswords,
    private readonly throttle: SignInThrottle,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** An unknown address, a wrong password and a suspended account answer alike, at the same cost. */
  async signIn({ email, password }: SignInDto): Promise<SessionToken & { user: User }> {
    await this.throttle.count(email);
    const credentials = await this.users.credentialsOf({ email });
    const passwordHash = credentials?.status === 'ACTIVE' ? credentials.passwordHash : null;
    const matches = await this.passwords.matches(passwordHash, password);
    if (!matches || !credentials) throw await this.refused(credentials?.id);
    await this.throttle.forgive(email);
    const signedIn = await this.transactions.run(async (tx) => {
      // Shared: a suspension or a new password at this moment waits, and then ends this session too.
      const user = await this.users.lockVerified(tx, { id: credentials.id, passwordHash });
      return user && { ...(await this.sessions.start(tx, user.id)), user };
    });
    if (!signedIn) throw await this.refused(credentials.id);
    return signedIn;
  }

  /** Ends all other sessions of the caller, and their personal API keys. */
  async changePassword(caller: SignedInPerson, { currentPassword, newPassword }: ChangePasswordDto): Promise<void> {
    await this.throttle.count(caller.email);
    const credentials = await this.users.credentialsOf({ id: caller.id });
    if (!(await this.passwords.matches(credentials?.passwordHash, currentPassword))) {
      throw wrongPassword();
    }
    await this.throttle.forgive(caller.email);
    const chosen = { email: caller.email, password: newPassword, field: 'newPassword' };
    const passwordHash = await this.passwords.hashChosen(chosen);
    await this.transactions.run(async (tx) => {
      // Only the password that was verified is replaced: a reset by mail at this moment must win.
      const verified = { id: caller.id, passwordHash: credentials?.passwordHash ?? null };
      if (!(await this.users.replacePassword(tx, verified, passwordHash))) throw wrongPassword();
      await this.replaced.record(tx, caller.id, 'user.password_changed', { except: caller.sessionId });
    });
  }

  /** Written down alike whatever was wrong, and by nobody: who tried is not known. */
  private async refused(userId: string | null = null): Promise<HttpException> {
    const subject = { type: 'user', id: userId };
    const actor: Actor = { type: 'system', id: null };
    await this.audit.recordRefusal({ action: 'sign_in.refused', subject, actor });
    return problem(401, 'invalid_credentials', 'The address or the password is wrong.');
  }
}

const wrongPassword = () =>
  problem(403, 'wrong_password', 'The current password is wrong. If you forgot it, ask for a reset by mail.');
