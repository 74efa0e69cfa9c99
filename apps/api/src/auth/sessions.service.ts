import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Configuration } from '@usher/config';
import { DomainEvents, Housekeeping, newId, Transactions } from '@usher/database';
import { type Actor, currentRequest } from '@usher/http';
import { type EntityManager, Not } from 'typeorm';
import type { Caller } from '../access/caller.js';
import { hashOf, newSessionToken } from '../access/credential.js';
import { UserRightsReduced } from '../users/user.events.js';
import { Session } from './session.entity.js';

export interface SessionToken {
  token: string;
  expiresAt: Date;
}

/** Who is signed in where. */
@Injectable()
export class SessionsService implements OnModuleInit {
  constructor(
    private readonly configuration: Configuration,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.events.on(UserRightsReduced, async (tx, { userId, isSuspended }) => {
      if (isSuspended) await this.endAll(tx, userId);
    });
    this.housekeeping.register('expired sessions', 'DELETE FROM sessions WHERE expires_at <= now()');
  }

  /** Answers the credential, which is nowhere else. */
  async start(tx: EntityManager, userId: string): Promise<SessionToken> {
    const token = newSessionToken();
    const id = newId();
    await tx.insert(Session, {
      id,
      userId,
      tokenHash: hashOf(token),
      userAgent: currentRequest()?.userAgent ?? null,
      expiresAt: () => `now() + interval '${this.configuration.SESSION_HOURS} hours'`,
    });
    const { expiresAt } = await tx.findOneByOrFail(Session, { id });
    const actor: Actor = { type: 'user', id: userId };
    await this.audit.record(tx, { action: 'session.started', subject: { type: 'session', id }, actor });
    return { token, expiresAt };
  }

  async end(caller: Caller): Promise<void> {
    await this.transactions.run(async (tx) => {
      await tx.delete(Session, { id: caller.sessionId });
      await this.audit.record(tx, { action: 'session.ended', subject: { type: 'session', id: caller.sessionId } });
    });
  }

  /** Signs somebody out everywhere, or everywhere else. */
  async endAll(tx: EntityManager, userId: string, except?: string): Promise<void> {
    const { affected } = await tx.delete(Session, { userId, ...(except ? { id: Not(except) } : {}) });
    if (!affected) return;
    const subject = { type: 'user', id: userId };
    await this.audit.record(tx, { action: 'sessions.ended', subject, after: { ended: affected } });
  }
}
