import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { Configuration } from '@usher/config';
import { DomainEvents, Housekeeping, newId, Transactions } from '@usher/database';
import { type Actor, currentRequest, orderBy, type Page, type PageQuery, Pages, problem } from '@usher/http';
import { type EntityManager, type FindOptionsWhere, In, Not, Repository } from 'typeorm';
import type { SignedInPerson } from '../access/caller.js';
import { hashOf, newSessionToken } from '../access/credential.js';
import { isLive } from '../access/live-session.js';
import { User } from '../users/user.entity.js';
import { UserRightsReduced } from '../users/user.events.js';
import { Session } from './session.entity.js';

const NEWEST_FIRST = orderBy<Session>('session', '-createdAt', 'id');
/** More than anybody needs; a program that signs in again and again must not pile them up. */
const MOST_SESSIONS = 100;

export interface SessionToken {
  token: string;
  expiresAt: Date;
}

/** Who is signed in where. */
@Injectable()
export class SessionsService implements OnModuleInit {
  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly configuration: Configuration,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly housekeeping: Housekeeping,
    private readonly pages: Pages,
  ) {}

  onModuleInit(): void {
    this.events.on(UserRightsReduced, async (tx, { userId, isSuspended }) => {
      if (isSuspended) await this.endAll(tx, userId);
    });
    this.housekeeping.register('dead sessions', { table: 'sessions', where: `NOT (${this.isLive('sessions')})` });
  }

  /** Those that can be used. */
  list(caller: SignedInPerson, query: PageQuery): Promise<Page<Session>> {
    const sessions = this.sessions
      .createQueryBuilder('session')
      .where('session.userId = :userId', { userId: caller.id })
      .andWhere(this.isLive('session'));
    return this.pages.read(sessions, NEWEST_FIRST, query);
  }

  /** Answers the credential, which is nowhere else. The session `replaced` ends if it is theirs, and the oldest when there are too many. */
  async start(tx: EntityManager, userId: string, replaced?: string): Promise<SessionToken> {
    const token = newSessionToken();
    const id = newId();
    const actor: Actor = { type: 'user', id: userId };
    if (replaced) await this.remove(tx, { id: replaced, userId }, actor);
    await tx.insert(Session, {
      id,
      userId,
      tokenHash: hashOf(token),
      userAgent: currentRequest()?.userAgent ?? null,
      expiresAt: () => `now() + interval '${this.configuration.SESSION_HOURS} hours'`,
    });
    const { expiresAt } = await tx.findOneByOrFail(Session, { id });
    await this.audit.record(tx, { action: 'session.started', subject: { type: 'session', id }, actor });
    await this.endSurplus(tx, userId, actor);
    return { token, expiresAt };
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
    await tx.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_read' } });
    if (await tx.existsBy(Session, { id, userId })) return;
    throw problem(401, 'unauthenticated', 'This session was ended. Sign in again.');
  }

  /** Signs somebody out everywhere, or everywhere else; answers how many sessions ended. */
  endAll(tx: EntityManager, userId: string, options: { except?: string; actor?: Actor } = {}): Promise<number> {
    const { except, actor } = options;
    return this.remove(tx, { userId, ...(except ? { id: Not(except) } : {}) }, actor);
  }

  /** Sign-ins at the same moment may leave a few more; the next one ends them. */
  private async endSurplus(tx: EntityManager, userId: string, actor: Actor): Promise<void> {
    const surplus = await tx
      .createQueryBuilder(Session, 'session')
      .select('session.id')
      .where('session.userId = :userId', { userId })
      .andWhere(this.isLive('session'))
      .orderBy('session.createdAt', 'DESC')
      .addOrderBy('session.id', 'DESC')
      .offset(MOST_SESSIONS)
      .getMany();
    if (surplus.length > 0) await this.remove(tx, { id: In(surplus.map(({ id }) => id)) }, actor);
  }

  /** The audit has every end, however it came about. */
  private async remove(tx: EntityManager, which: FindOptionsWhere<Session>, actor?: Actor): Promise<number> {
    const result = await tx.createQueryBuilder().delete().from(Session).where(which).returning('id').execute();
    const ended = result.raw as { id: string }[]; // as: what RETURNING names
    const event = { action: 'session.ended', actor };
    await this.audit.record(tx, ...ended.map(({ id }) => ({ ...event, subject: { type: 'session', id } })));
    return ended.length;
  }

  private isLive(sessions: string): string {
    return isLive(sessions, this.configuration.SESSION_IDLE_HOURS);
  }
}
