import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Configuration } from '@usher/config';
import { DomainEvents, Housekeeping, newId, Transactions } from '@usher/database';
import { type Actor, currentRequest, problem } from '@usher/http';
import { type EntityManager, Not } from 'typeorm';
import type { Person } from '../access/caller.js';
import { hashOf, newSessionToken } from '../access/credential.js';
import { User } from '../users/user.entity.js';
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

  async end({ sessionId: id }: Person): Promise<void> {
    if (!id) return;
    await this.transactions.run(async (tx) => {
      await tx.delete(Session, { id });
      await this.audit.record(tx, { action: 'session.ended', subject: { type: 'session', id } });
    });
  }

  /** 401 when the session was ended meanwhile. Waits for a change of the password that is under way. */
  async requireLive(tx: EntityManager, { id: userId, sessionId }: Person): Promise<void> {
    await tx.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_read' } });
    if (await tx.existsBy(Session, { id: sessionId ?? '', userId })) return;
    throw problem(401, 'unauthenticated', 'This session was ended. Sign in again.');
  }

  /** Signs somebody out everywhere, or everywhere else. */
  async endAll(tx: EntityManager, userId: string, except?: string): Promise<void> {
    await tx.delete(Session, { userId, ...(except ? { id: Not(except) } : {}) });
  }
}
