import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { insertion, type Statement } from '@usher/database';
import { orderBy, type Page, Pages } from '@usher/http';
import { type EntityManager, In, Repository } from 'typeorm';
import type { UserListQuery } from './user.dto.js';
import { User } from './user.entity.js';

const NEWEST_FIRST = orderBy<User>('user', '-createdAt', 'id');
const ACTIVE_ADMINS = { platformRole: 'ADMIN', status: 'ACTIVE' } as const;

/** Any number, as long as every replica uses the same one. */
const PLATFORM_ADMINS_LOCK = 7_046_215;

/** An account by its password: it is of no use once that was replaced. */
export interface WithPassword {
  id: string;
  passwordHash: string | null;
}

/** Accounts, as rows. */
@Injectable()
export class UserRepository {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly pages: Pages,
  ) {}

  page(query: UserListQuery): Promise<Page<User>> {
    const users = this.users.createQueryBuilder('user');
    if (query.email) users.andWhere('user.email = :email', { email: query.email });
    if (query.status) users.andWhere('user.status = :status', { status: query.status });
    if (query.platformRole) users.andWhere('user.platformRole = :platformRole', { platformRole: query.platformRole });
    return this.pages.read(users, NEWEST_FIRST, query);
  }

  /** Inside a transaction, give its `tx`. */
  find(id: string, tx: EntityManager = this.users.manager): Promise<User | null> {
    return tx.findOneBy(User, { id });
  }

  withIds(ids: string[]): Promise<User[]> {
    return this.users.findBy({ id: In(ids) });
  }

  /** With the password's hash, which is read nowhere else. */
  credentialsOf(who: { id: string } | { email: string }): Promise<(WithPassword & Pick<User, 'status'>) | null> {
    return this.users.findOne({ where: who, select: { id: true, status: true, passwordHash: true } });
  }

  insertion(tx: EntityManager, user: Partial<User>): Statement {
    return insertion(tx.dataSource, User, [user]);
  }

  async update(tx: EntityManager, id: string, changes: Partial<User>): Promise<void> {
    await tx.update(User, { id }, { ...changes, updatedAt: () => 'now()' });
  }

  async delete(tx: EntityManager, id: string): Promise<void> {
    await tx.delete(User, { id });
  }

  /** Everybody who changes platform admins takes this lock first, so that the last one cannot slip away, and no two replicas make the first one. */
  async lockAdmins(tx: EntityManager): Promise<void> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [PLATFORM_ADMINS_LOCK]);
  }

  /** Those who are active. Inside a transaction, give its `tx`. */
  countAdmins(tx: EntityManager = this.users.manager): Promise<number> {
    return tx.countBy(User, ACTIVE_ADMINS);
  }

  lock(tx: EntityManager, id: string): Promise<User | null> {
    return tx.findOne(User, { where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  lockActive(tx: EntityManager, email: string): Promise<User | null> {
    return tx.findOne(User, { where: { email, status: 'ACTIVE' }, lock: { mode: 'for_no_key_update' } });
  }

  /** Until the transaction ends, a suspension and a new password wait. */
  async lockShared(tx: EntityManager, id: string): Promise<void> {
    await tx.findOne(User, { where: { id }, lock: { mode: 'pessimistic_read' } });
  }

  /** The same of an account that is active and still has this password; null otherwise. */
  lockVerified(tx: EntityManager, verified: WithPassword): Promise<User | null> {
    return tx.findOne(User, { where: active(verified), lock: { mode: 'pessimistic_read' } });
  }

  /** False when the account is suspended, or has another password by now. */
  async replacePassword(tx: EntityManager, verified: WithPassword, passwordHash: string): Promise<boolean> {
    const { affected } = await tx.update(User, active(verified), { passwordHash, updatedAt: () => 'now()' });
    return affected === 1;
  }

  /** For somebody who proved that they read the address's mail. */
  async resetPassword(tx: EntityManager, id: string, passwordHash: string): Promise<void> {
    const emailVerifiedAt = () => 'coalesce(email_verified_at, now())';
    await tx.update(User, { id }, { passwordHash, emailVerifiedAt, updatedAt: () => 'now()' });
  }
}

const active = ({ id, passwordHash }: WithPassword) => ({
  id,
  status: 'ACTIVE' as const,
  passwordHash: passwordHash ?? '',
});
