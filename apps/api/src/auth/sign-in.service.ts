import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import { currentRequest, problem, Throttle, type ThrottleRule } from '@usher/http';
import { Repository } from 'typeorm';
import type { Caller } from '../access/caller.js';
import { User } from '../users/user.entity.js';
import type { ChangePasswordDto, SignInDto } from './auth.dto.js';
import { Passwords } from './passwords.js';
import { type SessionToken, SessionsService } from './sessions.service.js';

/** Failed attempts; successful ones are not counted. */
const PER_ADDRESS_AND_CLIENT: ThrottleRule = { name: 'sign-in by address and client', limit: 10, seconds: 900 };
const PER_ADDRESS: ThrottleRule = { name: 'sign-in by address', limit: 100, seconds: 3_600 };
const PER_CLIENT: ThrottleRule = { name: 'sign-in by client', limit: 60, seconds: 300 };

@Injectable()
export class SignInService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly throttle: Throttle,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** An unknown address, a wrong password and a suspended account answer alike, at the same cost. */
  async signIn({ email, password }: SignInDto): Promise<SessionToken & { user: User }> {
    await this.countAttempt(email);
    const credentials = await this.credentialsOf({ email });
    const matches = await this.passwords.matches(credentials?.passwordHash, password);
    if (!matches || !credentials) throw problem(401, 'invalid_credentials', 'The address or the password is wrong.');
    await this.forgiveAttempt(email);
    return this.transactions.run(async (tx) => {
      // Shared: a suspension or a new password at this moment waits, and then ends this session too.
      const user = await tx.findOne(User, {
        where: { id: credentials.id, status: 'ACTIVE', passwordHash: credentials.passwordHash ?? '' },
        lock: { mode: 'pessimistic_read' },
      });
      if (!user) throw problem(401, 'invalid_credentials', 'The address or the password is wrong.');
      return { ...(await this.sessions.start(tx, user.id)), user };
    });
  }

  /** Ends all other sessions of the caller. */
  async changePassword(caller: Caller, { currentPassword, newPassword }: ChangePasswordDto): Promise<void> {
    await this.countAttempt(caller.email);
    const credentials = await this.credentialsOf({ id: caller.id });
    if (!(await this.passwords.matches(credentials?.passwordHash, currentPassword))) {
      throw problem(403, 'wrong_password', 'The current password is wrong. If you forgot it, ask for a reset by mail.');
    }
    await this.forgiveAttempt(caller.email);
    const passwordHash = await this.passwords.hash(newPassword);
    await this.transactions.run(async (tx) => {
      await tx.update(User, { id: caller.id }, { passwordHash, updatedAt: () => 'now()' });
      await this.sessions.endAll(tx, caller.id, caller.sessionId);
      await this.audit.record(tx, { action: 'user.password_changed', subject: { type: 'user', id: caller.id } });
    });
  }

  private credentialsOf(where: { id: string } | { email: string }): Promise<Pick<User, 'id' | 'passwordHash'> | null> {
    return this.users.findOne({ where: { ...where, status: 'ACTIVE' }, select: { id: true, passwordHash: true } });
  }

  private async countAttempt(email: string): Promise<void> {
    const client = clientKey();
    await this.throttle.hit(PER_CLIENT, client);
    await this.throttle.hit(PER_ADDRESS_AND_CLIENT, `${email}\n${client}`);
    await this.throttle.hit(PER_ADDRESS, email);
  }

  private async forgiveAttempt(email: string): Promise<void> {
    const client = clientKey();
    await this.throttle.forgive(PER_CLIENT, client);
    await this.throttle.forgive(PER_ADDRESS_AND_CLIENT, `${email}\n${client}`);
    await this.throttle.forgive(PER_ADDRESS, email);
  }
}

const clientKey = (): string => currentRequest()?.ip ?? 'unknown';
