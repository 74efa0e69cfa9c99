import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { DomainEvents, Housekeeping, newId, Transactions } from '@usher/database';
import { clientKey, problem, Throttle, type ThrottleRule } from '@usher/http';
import { Outbox } from '@usher/mailer';
import { type EntityManager, Raw, Repository } from 'typeorm';
import { hashOf } from '../access/credential.js';
import { languageFor } from '../languages/languages.js';
import { PlatformService } from '../platform/platform.service.js';
import { User } from '../users/user.entity.js';
import { PasswordReplaced } from '../users/user.events.js';
import type { ConfirmPasswordResetDto } from './auth.dto.js';
import { passwordResetMail } from './password-reset.mail.js';
import { PasswordReset } from './password-reset.entity.js';
import { Passwords } from './passwords.js';
import { SessionsService } from './sessions.service.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { WrongTokens } from './wrong-tokens.js';

const VALID_MINUTES = 60;
/** Longer than the work for an address with account takes, so that the answer's time tells nothing. */
const ANSWER_AFTER = 150;
const PER_CLIENT: ThrottleRule = { name: 'password resets by client', limit: 20, seconds: 900 };
const PER_ADDRESS: ThrottleRule = { name: 'password resets by address', limit: 3, seconds: 900 };

/** New passwords for those who can read their mail: the one proof that an address is theirs. */
@Injectable()
export class PasswordResetsService implements OnModuleInit {
  private readonly logger = new Logger(PasswordResetsService.name);

  constructor(
    @InjectRepository(PasswordReset) private readonly resets: Repository<PasswordReset>,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly platform: PlatformService,
    private readonly outbox: Outbox,
    private readonly throttle: Throttle,
    private readonly signIns: SignInThrottle,
    private readonly wrongTokens: WrongTokens,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register('expired password resets', { table: 'password_resets', where: 'expires_at <= now()' });
  }

  /** Nothing tells whether the address has an account: neither the answer nor its time. */
  async request(email: string): Promise<void> {
    const sent = this.sendIfKnown(email).catch((error: unknown) =>
      this.logger.error(`A reset was not sent: ${String(error)}`),
    );
    await Promise.all([sent, delay(ANSWER_AFTER)]);
  }

  /** Sets the password, proves the address, and ends every session and personal API key. Others' guesses no longer keep the person out. */
  async confirm({ token, password }: ConfirmPasswordResetDto): Promise<void> {
    await this.wrongTokens.refuseGuesser();
    const tokenHash = hashOf(token);
    const email = await this.ownerOf(tokenHash);
    if (!email) {
      await this.wrongTokens.count();
      throw closed();
    }
    const passwordHash = await this.passwords.hashChosen({ email, password, field: 'password' });
    await this.transactions.run((tx) => this.useToken(tx, tokenHash, passwordHash));
    await this.signIns.clear(email);
  }

  private async ownerOf(tokenHash: Buffer): Promise<string | undefined> {
    const expiresAt = Raw((column) => `${column} > now()`);
    const reset = await this.resets.findOne({ where: { tokenHash, expiresAt }, relations: { user: true } });
    return reset?.user?.email;
  }

  private async sendIfKnown(email: string): Promise<void> {
    if (!this.outbox.isOpen)
      return this.logger.warn('A password reset was asked for, but there is no SMTP_URL to send it by');
    if (!(await this.isAllowed(email))) return;
    await this.transactions.run(async (tx) => {
      // Locked: a second request at this moment replaces the first one's token instead of failing beside it.
      const lock = { mode: 'for_no_key_update' } as const;
      const user = await tx.findOne(User, { where: { email, status: 'ACTIVE' }, lock });
      if (user) await this.send(tx, user);
    });
  }

  /** Too many requests are dropped without a word: the answer is always the same. */
  private async isAllowed(email: string): Promise<boolean> {
    return (await this.throttle.allows(PER_CLIENT, clientKey())) && this.throttle.allows(PER_ADDRESS, email);
  }

  private async send(tx: EntityManager, user: User): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    const expiresAt = () => `now() + interval '${VALID_MINUTES} minutes'`;
    const before = await tx.findOneBy(PasswordReset, { userId: user.id });
    if (before) await this.outbox.cancel(tx, [before.id]);
    await tx.delete(PasswordReset, { userId: user.id });
    const id = newId();
    await tx.insert(PasswordReset, { id, userId: user.id, tokenHash: hashOf(token), expiresAt });
    const { expiresAt: sendBefore } = await tx.findOneByOrFail(PasswordReset, { userId: user.id });
    const { name, defaultLocale } = await this.platform.settings(tx);
    await this.outbox.enqueue(tx, {
      tenantId: null,
      subjectId: id,
      to: { address: user.email, name: null },
      content: passwordResetMail(languageFor(defaultLocale), name, VALID_MINUTES),
      token,
      sendBefore,
    });
    await this.audit.record(tx, { action: 'password_reset.requested', subject: { type: 'user', id: user.id } });
  }

  private async useToken(tx: EntityManager, tokenHash: Buffer, passwordHash: string): Promise<void> {
    // Whoever deletes the row uses the token; a second request finds none.
    const [used]: [{ user_id: string }[], number] = await tx.query(
      'DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > now() RETURNING user_id',
      [tokenHash],
    );
    const userId = used[0]?.user_id;
    if (!userId) throw closed();
    const emailVerifiedAt = () => 'coalesce(email_verified_at, now())';
    await tx.update(User, { id: userId }, { passwordHash, emailVerifiedAt, updatedAt: () => 'now()' });
    const actor = { type: 'user' as const, id: userId };
    await this.sessions.endAll(tx, userId, { actor });
    await this.events.publish(tx, new PasswordReplaced(userId));
    await this.audit.record(tx, { action: 'user.password_reset', subject: { type: 'user', id: userId }, actor });
  }
}

const closed = () =>
  problem(410, 'password_reset_closed', 'This link is no longer open. Ask for a new password again.');
