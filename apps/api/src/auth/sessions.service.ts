import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { Configuration } from '@usher/config';
import { DatabaseClock, DomainEvents, flush, newId, type Statement, Transactions } from '@usher/database';
import { type Actor, currentRequest, type Page, type PageQuery, problem } from '@usher/http';
import { type EntityManager, type FindOptionsWhere, In, Not } from 'typeorm';
import type { SignedInPerson } from '../access/caller.js';
import { hashOf, newSessionToken } from '../access/credential.js';
import { UserRightsReduced } from '../users/user.events.js';
import { UserRepository } from '../users/user.repository.js';
import type { Session } from './session.entity.js';
import { SessionRepository } from './session.repository.js';

/** More than anybody needs; a program that signs in again and again must not pile them up. */
const MOST_SESSIONS = 100;
const HOUR = 3_600_000;

export interface SessionToken {
  token: string;
  expiresAt: Date;
}

/** Who is signed in where. */
@Injectable()
export class SessionsService implements OnModuleInit {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly users: UserRepository,
    private readonly configuration: Configuration,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly clock: DatabaseClock,
  ) {}

  onModuleInit(): void {
    this.events.on(UserRightsReduced, async (tx, { userId, isSuspended }) => {
      if (isSuspended) await this.endAll(tx, userId);
    });
  }

  /** Those that can be used. */
  list(caller: SignedInPerson, query: PageQuery): Promise<Page<Session>> {
    return this.sessions.page(caller.id, query);
  }

  /** Answers the credential, which is nowhere else. The oldest session ends when there are too many. */
  async start(tx: EntityManager, userId: string): Promise<SessionToken> {
    const actor: Actor = { type: 'user', id: userId };
    const { insert, event, ...session } = this.newSession(tx, userId, await this.clock.now(tx));
    await flush(tx, [insert, this.audit.recording(tx, [event])]);
    await this.endSurplus(tx, userId, actor);
    return session;
  }

  /** For a transaction that writes it with its other writes: the credential, the row and what the audit says. */
  newSession(tx: EntityManager, userId: string, now: Date): SessionToken & { insert: Statement; event: AuditEntry } {
    const token = newSessionToken();
    const id = newId();
    const expiresAt = new Date(now.getTime() + this.configuration.SESSION_HOURS * HOUR);
    const userAgent = currentRequest()?.userAgent ?? null;
    const row = { id, userId, tokenHash: hashOf(token), userAgent, expiresAt };
    return {
      token,
      expiresAt,
      insert: this.sessions.insertion(tx, row),
      event: { action: 'session.started', subject: { type: 'session', id }, actor: { type: 'user', id: userId } },
    };
  }

  /** Ends the session that the caller calls with; no matter if it ended a moment ago. */
  async signOut(caller: SignedInPerson): Promise<void> {
    await this.transactions.run((tx) => this.remove(tx, { id: caller.sessionId }));
  }

  /** Ends the caller's session with this id. */
  async end(caller: SignedInPerson, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const ended = await this.remove(tx, { id, userId: caller.id });
      if (ended === 0) throw problem(404, 'not_found', 'You have no session with this id. List your sessions anew.');
    });
  }

  async endOthers(caller: SignedInPerson): Promise<void> {
    await this.transactions.run(async (tx) => {
      const sessions = await this.endAll(tx, caller.id, { except: caller.sessionId });
      const subject = { type: 'user', id: caller.id };
      await this.audit.record(tx, { action: 'user.other_sessions_ended', subject, after: { sessions } });
    });
  }

  /** 401 when the session was ended meanwhile. Waits for a change of the password that is under way. */
  async requireLive(tx: EntityManager, { id: userId, sessionId: id }: SignedInPerson): Promise<void> {
    await this.users.lockShared(tx, userId);
    if (await this.sessions.exists(tx, { id, userId })) return;
    throw problem(401, 'unauthenticated', 'This session was ended. Sign in again.');
  }

  /** Signs somebody out everywhere, or everywhere else; answers how many sessions ended. */
  endAll(tx: EntityManager, userId: string, options: { except?: string; actor?: Actor } = {}): Promise<number> {
    const { except, actor } = options;
    return this.remove(tx, { userId, ...(except ? { id: Not(except) } : {}) }, actor);
  }

  /** Sign-ins at the same moment may leave a few more; the next one ends them. */
  private async endSurplus(tx: EntityManager, userId: string, actor: Actor): Promise<void> {
    const surplus = await this.sessions.surplus(tx, userId, MOST_SESSIONS);
    if (surplus.length > 0) await this.remove(tx, { id: In(surplus) }, actor);
  }

  /** The audit has every end, however it came about. */
  private async remove(tx: EntityManager, which: FindOptionsWhere<Session>, actor?: Actor): Promise<number> {
    const ended = await this.sessions.delete(tx, which);
    const event = { action: 'session.ended', actor };
    await this.audit.record(tx, ...ended.map((id) => ({ ...event, subject: { type: 'session', id } })));
    return ended.length;
  }
}
