import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { allowLong, DatabaseClock, DomainEvents, flush, type Statement, Transactions } from '@usher/database';
import { type Page, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { Authority, EVERYWHERE } from '../access/authority.js';
import type { Principal } from '../access/caller.js';
import { covers, PLATFORM_ROLE_PERMISSIONS, type PlatformRole } from '../access/permissions.js';
import type { UpdateMeDto, UpdateUserDto, UserListQuery } from './user.dto.js';
import type { User } from './user.entity.js';
import { UserErased, UserRightsReduced } from './user.events.js';
import { UserRepository } from './user.repository.js';

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
    private readonly users: UserRepository,
    private readonly authority: Authority,
    private readonly transactions: Transactions,
    private readonly events: DomainEvents,
    private readonly audit: Audit,
    private readonly clock: DatabaseClock,
  ) {}

  list(query: UserListQuery): Promise<Page<User>> {
    return this.users.page(query);
  }

  async get(id: string): Promise<User> {
    const user = await this.users.find(id);
    if (!user) throw problem(404, 'not_found', 'There is no user with this id.');
    return user;
  }

  async hasAdmin(): Promise<boolean> {
    return (await this.users.countAdmins()) > 0;
  }

  /** False when somebody is an admin already: another replica may have made them at this moment. */
  async createFirstAdmin(email: string, passwordHash: string): Promise<boolean> {
    const admin = { email, passwordHash, givenName: null, familyName: null, emailVerified: true };
    return this.transactions.run(async (tx) => {
      await this.users.lockAdmins(tx);
      if ((await this.users.countAdmins(tx)) > 0) return false;
      const { insert, event } = this.newUser(tx, { ...admin, platformRole: 'ADMIN' }, await this.clock.now(tx));
      await flush(tx, [insert, this.audit.recording(tx, [event])]);
      return true;
    });
  }

  /** For a transaction that writes it with its other writes: the id, the row and what the audit says. */
  newUser(
    tx: EntityManager,
    { emailVerified, platformRole = 'MEMBER', ...person }: NewUser,
    now: Date,
  ): { id: string; insert: Statement; event: AuditEntry } {
    const id = randomUUID();
    const row = { id, ...person, platformRole, emailVerifiedAt: emailVerified ? now : null };
    const self = { type: 'user', id } as const;
    return {
      id,
      insert: this.users.insertion(tx, row),
      event: { action: 'user.created', subject: self, actor: self, after: { platformRole } },
    };
  }

  async rename(id: string, names: UpdateMeDto): Promise<User> {
    await this.transactions.run(async (tx) => {
      await this.users.update(tx, id, names);
      await this.audit.record(tx, { action: 'user.renamed', subject: { type: 'user', id } });
    });
    return this.get(id);
  }

  async update(caller: Principal, id: string, changes: UpdateUserDto): Promise<User> {
    await this.transactions.run(async (tx) => {
      const user = await this.lock(tx, caller, id);
      const { status = user.status, platformRole = user.platformRole } = changes;
      if (status !== 'ACTIVE' || platformRole !== 'ADMIN') await this.refuseLastAdmin(tx, user);
      await this.users.update(tx, id, changes);
      const { status: oldStatus, platformRole: oldRole } = user;
      const before = { status: oldStatus, platformRole: oldRole };
      const subject = { type: 'user', id };
      await this.audit.record(
        tx,
        { action: 'user.updated', subject, before, after: { status, platformRole } },
        ...(isRenamed(changes) ? [{ action: 'user.renamed', subject }] : []),
      );
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
      await this.users.delete(tx, id);
      await this.audit.record(tx, { action: 'user.erased', subject: { type: 'user', id } });
    });
  }

  /** The caller may have been demoted since the guard looked: two admins cannot demote each other. */
  private async lock(tx: EntityManager, caller: Principal, id: string): Promise<User> {
    await this.users.lockAdmins(tx);
    await this.authority.require(tx, caller, 'users:manage', EVERYWHERE);
    const user = await this.users.lock(tx, id);
    if (!user) throw problem(404, 'not_found', 'There is no user with this id.');
    return user;
  }

  private async refuseLastAdmin(tx: EntityManager, user: User): Promise<void> {
    if (user.platformRole !== 'ADMIN' || user.status !== 'ACTIVE') return;
    if ((await this.users.countAdmins(tx)) > 1) return;
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
