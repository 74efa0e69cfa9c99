import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Configuration } from '@usher/config';
import { Housekeeping, insertion, type Statement } from '@usher/database';
import { orderBy, type Page, type PageQuery, Pages } from '@usher/http';
import { type EntityManager, type FindOptionsWhere, Repository } from 'typeorm';
import { isLiveSession } from '../access/access.sql.js';
import { Session } from './session.entity.js';

const NEWEST_FIRST = orderBy<Session>('session', '-createdAt', 'id');

/** Sessions, as rows; those that are over or were idle for too long are as good as none. */
@Injectable()
export class SessionRepository implements OnModuleInit {
  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly configuration: Configuration,
    private readonly housekeeping: Housekeeping,
    private readonly pages: Pages,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register('dead sessions', { table: 'sessions', where: `NOT (${this.isLive('sessions')})` });
  }

  page(userId: string, query: PageQuery): Promise<Page<Session>> {
    const sessions = this.sessions
      .createQueryBuilder('session')
      .where('session.userId = :userId', { userId })
      .andWhere(this.isLive('session'));
    return this.pages.read(sessions, NEWEST_FIRST, query);
  }

  exists(tx: EntityManager, session: { id: string; userId: string }): Promise<boolean> {
    return tx.existsBy(Session, session);
  }

  insertion(tx: EntityManager, session: Partial<Session>): Statement {
    return insertion(tx.dataSource, Session, [session]);
  }

  /** Answers the ids of those that it deleted. */
  async delete(tx: EntityManager, which: FindOptionsWhere<Session>): Promise<string[]> {
    const result = await tx.createQueryBuilder().delete().from(Session).where(which).returning('id').execute();
    return (result.raw as { id: string }[]).map(({ id }) => id); // as: what RETURNING names
  }

  /** The ids of those that are older than the `most` newest. */
  async surplus(tx: EntityManager, userId: string, most: number): Promise<string[]> {
    const surplus = await tx
      .createQueryBuilder(Session, 'session')
      .select('session.id')
      .where('session.userId = :userId', { userId })
      .andWhere(this.isLive('session'))
      .orderBy('session.createdAt', 'DESC')
      .addOrderBy('session.id', 'DESC')
      .offset(most)
      .getMany();
    return surplus.map(({ id }) => id);
  }

  private isLive(sessions: string): string {
    return isLiveSession(sessions, this.configuration.SESSION_IDLE_HOURS);
  }
}
