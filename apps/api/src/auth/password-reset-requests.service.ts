import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { newId, Transactions } from '@usher/database';
import { clientKey, Throttle, type ThrottleRule } from '@usher/http';
import { Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import { hashOf } from '../access/credential.js';
import { languageFor } from '../languages/languages.js';
import { PlatformService } from '../platform/platform.service.js';
import type { User } from '../users/user.entity.js';
import { UserRepository } from '../users/user.repository.js';
import { passwordResetMail } from './password-reset.mail.js';
import { PasswordResetRepository } from './password-reset.repository.js';

const VALID_MINUTES = 60;
const PER_CLIENT: ThrottleRule = { name: 'password resets by client', limit: 20, seconds: 900 };
const PER_ADDRESS: ThrottleRule = { name: 'password resets by address', limit: 3, seconds: 900 };

/** Mails the way to a new password. */
@Injectable()
export class PasswordResetRequestsService {
  private readonly logger = new Logger(PasswordResetRequestsService.name);

  constructor(
    private readonly resets: PasswordResetRepository,
    private readonly users: UserRepository,
    private readonly platform: PlatformService,
    private readonly outbox: Outbox,
    private readonly throttle: Throttle,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** Too many requests are dropped without a word: the answer is always the same. */
  async allows(email: string): Promise<boolean> {
    return (await this.throttle.allows(PER_CLIENT, clientKey())) && this.throttle.allows(PER_ADDRESS, email);
  }

  /** Sends nothing when the address has no account. Run it as `BackgroundWork`: no answer's time may tell. */
  async send(email: string): Promise<void> {
    if (!this.outbox.isOpen)
      return this.logger.warn('A password reset was asked for, but there is no SMTP_URL to send it by');
    await this.transactions.run(async (tx) => {
      // Locked: a second request at this moment replaces the first one's token instead of failing beside it.
      const user = await this.users.lockActive(tx, email);
      if (user) await this.sendTo(tx, user);
    });
  }

  private async sendTo(tx: EntityManager, user: User): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    const reset = { id: newId(), userId: user.id, tokenHash: hashOf(token) };
    const { replacedId, expiresAt } = await this.resets.replace(tx, reset, VALID_MINUTES);
    if (replacedId) await this.outbox.cancel(tx, [replacedId]);
    const { name, defaultLocale } = await this.platform.settings(tx);
    await this.outbox.enqueue(tx, {
      tenantId: null,
      subjectId: reset.id,
      to: { address: user.email, name: null },
      content: passwordResetMail(languageFor(defaultLocale), name, VALID_MINUTES),
      token,
      sendBefore: expiresAt,
    });
    await this.audit.record(tx, { action: 'password_reset.requested', subject: { type: 'user', id: user.id } });
  }
}
