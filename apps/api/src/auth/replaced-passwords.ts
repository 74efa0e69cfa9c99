import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { DomainEvents } from '@usher/database';
import type { Actor } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { PasswordReplaced } from '../users/user.events.js';
import { SessionsService } from './sessions.service.js';

/** What follows from a new password: what was made with the old one must not outlive it. */
@Injectable()
export class ReplacedPasswords {
  constructor(
    private readonly sessions: SessionsService,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
  ) {}

  /** Ends the person's sessions, but for one, and their personal API keys. */
  async record(
    tx: EntityManager,
    userId: string,
    action: 'user.password_changed' | 'user.password_reset',
    options: { except?: string; actor?: Actor },
  ): Promise<void> {
    await this.sessions.endAll(tx, userId, options);
    await this.events.publish(tx, new PasswordReplaced(userId));
    await this.audit.record(tx, { action, subject: { type: 'user', id: userId }, actor: options.actor });
  }
}
