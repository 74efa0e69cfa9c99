import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Audit } from '@usher/audit';
import { allowLong, DomainEvents, Transactions } from '@usher/database';
import { orderBy, type Page, Pages, problem } from '@usher/http';
import { type EntityManager, Repository } from 'typeorm';
import { Authority, EVERYWHERE } from '../access/authority.js';
import type { Principal } from '../access/caller.js';
import { covers, PLATFORM_ROLE_PERMISSIONS, type PlatformRole } from '../access/permissions.js';
import type { UpdateMeDto, UpdateUserDto, UserListQuery } from './user.dto.js';
import { User } from './user.entity.js';
import { UserErased, UserRightsReduced } from './user.events.js';

const NEWEST_FIRST = orderBy<User>('user', '-createdAt', 'id');

/** Everybody who changes platform admins takes this lock first, so that the last one cannot slip away. */
const PLATFORM_ADMINS_LOCK = 7_046_215;

export interface NewUser {
  email: string;
  passwordHash: string | null;
  givenName: string | null;
  familyName: string | null;
  platformRole?: PlatformRole;
  /** True when a mail to the address was proven to have arrived. */
  emailVerified: boolean;
}

/** People's accounts. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly pages: Pages,
  ) {}

  list(query: UserListQuery): Promise<Page<User>> {
    const users = this.users.createQueryBuilder('user');
    if (query.email) users.andWhere('user.email = :email', { email: query.email });
    if (query.status) users.andWhere('user.status = :status', { status: query.status });
    if (query.platformRole) users.andWhere('user.platformRole = :platformRole', { platformRole: query.platformRole });
    return this.pages.read(users, NEWEST_FIRST, query);
  }

  hasAdmin(): Promise<boolean> {
    return this.users.existsBy({ platformRole: 'ADMIN', status: 'ACTIVE' });
  }

  async get(id: string): Promise<User> {
    const user = await this.users.findOneBy({ id });
    if (!user) throw problem(404, 'not_found', 'There is no user with this id.');
    return user;
  }

  /** Fails with a violation of `users_email` when the address has an account. */
  async create(tx: EntityManager, person: NewUser): Promise<User> {
    const { emailVerified, ...fields } = person;
    const id = randomUUID();
    await tx.insert(User, { id, ...fields, emailVerifiedAt: emailVerified ? () => 'now()' : null });
    const self = { type: 'user', id } as const;
    const after = { platformRole: person.platformRole ?? 'MEMBER' };
    await this.audit.record(tx, { action: 'user.created', subject: self, actor: self, after });
    return tx.findOneByOrFail(User, { id });
  }

  async rename(id: string, names: UpdateMeDto): Promise<User> {
    await this.transactions.run(async (tx) => {
      await tx.update(User, { id }, { ...names, updatedAt: () => 'now()' });
      await this.audit.record(tx, { action: 'user.renamed', subject: { type: 'user', id } });
    });
    return this.get(id);
  }

  async update(caller: Principal, id: string, changes: UpdateUserDto): Promise<User> {
    await this.transactions.run(async (tx) => {
      const user = await this.lock(tx, caller, id);
      const { status = user.status, platformRole = user.platformRole } = changes;
      if (status !== 'ACTIVE' || platformRole !== 'ADMIN') await this.refuseLastAdmin(tx, user);
      await tx.update(User, { id }, { ...changes, updatedAt: () => 'now()' });
      const { status: oldStatus, platformRole: oldRole } = user;
      const before = { status: oldStatus, platformRole: oldRole };
      await this.audit.record(tx, {
        action: 'user.updated',
        subject: { type: 'user', id },
        before,
        after: { status, platformRole },
      });
      if (isRenamed(changes)) await this.audit.record(tx, { action: 'user.renamed', subject: { type: 'user', id } });
      if (hasLost(user, { status, platformRole })) {
        await this.events.publish(tx, new UserRightsReduced(id, status === 'SUSPENDED'));
      }
    });
    return this.get(id);
  }

  /** Deletes the account with its memberships and sessions; what others see of it keeps the id alone. */
  async erase(caller: Principal, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const user = await this.lock(tx, caller, id);
      await this.refuseLastAdmin(tx, user);
      await allowLong(tx); // every mail is read for their name
      await this.events.publish(tx, new UserErased(id, user.email));
      await tx.delete(User, { id });
      await this.audit.record(tx, { action: 'user.erased', subject: { type: 'user', id } });
    });
  }

  /** The caller may have been demoted since the guard looked: two admins cannot demote each other. */
  private async lock(tx: EntityManager, caller: Principal, id: string): Promise<User> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [PLATFORM_ADMINS_LOCK]);
    await this.authority.require(tx, caller, 'users:manage', EVERYWHERE);
    const user = await tx.findOne(User, { where: { id }, lock: { mode: 'for_no_key_update' } });
    if (!user) throw problem(404, 'not_found', 'There is no user with this id.');
    return user;
  }

  private async refuseLastAdmin(tx: EntityManager, user: User): Promise<void> {
    if (user.platformRole !== 'ADMIN' || user.status !== 'ACTIVE') return;
    const admins = await tx.countBy(User, { platformRole: 'ADMIN', status: 'ACTIVE' });
    if (admins > 1) return;
    throw problem(409, 'last_platform_admin', 'This is the last active platform admin. Make somebody else one first.');
  }
}

const isRenamed = ({ givenName, familyName }: UpdateMeDto): boolean =>
  givenName !== undefined || familyName !== undefined;

function hasLost(before: Pick<User, 'status' | 'platformRole'>, after: Pick<User, 'status' | 'platformRole'>): boolean {
  if (after.status === 'SUSPENDED') return before.status === 'ACTIVE';
  const remaining = new Set<string>(PLATFORM_ROLE_PERMISSIONS[after.platformRole]);
  return !covers(remaining, PLATFORM_ROLE_PERMISSIONS[before.platformRole]);
}
