import { Injectable } from '@nestjs/common';
import { Transactions } from '@usher/database';
import { problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { hashOf } from '../access/credential.js';
import { UserRepository } from '../users/user.repository.js';
import type { ConfirmPasswordResetDto } from './auth.dto.js';
import { PasswordResetRepository } from './password-reset.repository.js';
import { Passwords } from './passwords.js';
import { ReplacedPasswords } from './replaced-passwords.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { WrongTokens } from './wrong-tokens.js';

/** New passwords for those who can read their mail: the one proof that an address is theirs. */
@Injectable()
export class PasswordResetsService {
  constructor(
    private readonly resets: PasswordResetRepository,
    private readonly users: UserRepository,
    private readonly passwords: Passwords,
    private readonly replaced: ReplacedPasswords,
    private readonly signIns: SignInThrottle,
    private readonly wrongTokens: WrongTokens,
    private readonly transactions: Transactions,
  ) {}

  /** Sets the password, proves the address, and ends every session and personal API key. Others' guesses no longer keep the person out. */
  async confirm({ token, password }: ConfirmPasswordResetDto): Promise<void> {
    await this.wrongTokens.refuseGuesser();
    const tokenHash = hashOf(token);
    const email = await this.resets.addressOf(tokenHash);
    if (!email) {
      await this.wrongTokens.count();
      throw closed();
    }
    const passwordHash = await this.passwords.hashChosen({ email, password, field: 'password' });
    await this.transactions.run((tx) => this.useToken(tx, tokenHash, passwordHash));
    await this.signIns.clear(email);
  }

  private async useToken(tx: EntityManager, tokenHash: Buffer, passwordHash: string): Promise<void> {
    const userId = await this.resets.use(tx, tokenHash);
    if (!userId) throw closed();
    await this.users.resetPassword(tx, userId, passwordHash);
    await this.replaced.record(tx, userId, 'user.password_reset', { actor: { type: 'user', id: userId } });
  }
}

const closed = () =>
  problem(410, 'password_reset_closed', 'This link is no longer open. Ask for a new password again.');
