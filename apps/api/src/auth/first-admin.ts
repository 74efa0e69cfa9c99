import { randomBytes } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { Transactions } from '@usher/database';
import { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { Passwords } from './passwords.js';

/** Any number, as long as every replica uses the same one. */
const FIRST_START_LOCK = 7_046_214;

export interface FirstSignIn {
  email: string;
  /** Null when it was configured: then it is not printed. */
  generatedPassword: string | null;
}

/** Makes the first platform admin when there is no admin yet. */
@Injectable()
export class FirstAdmin implements OnApplicationBootstrap {
  private readonly logger = new Logger(FirstAdmin.name);
  /** Set when this start made the admin. */
  firstSignIn: FirstSignIn | null = null;

  constructor(
    private readonly configuration: Configuration,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly transactions: Transactions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (await this.users.hasAdmin()) return;
    const { ADMIN_EMAIL, ADMIN_PASSWORD, isProduction } = this.configuration;
    if (isProduction && !ADMIN_PASSWORD) {
      throw new Error('There is no platform admin yet: set ADMIN_EMAIL and ADMIN_PASSWORD for the first start');
    }
    const email = (ADMIN_EMAIL ?? 'admin@usher.local').toLowerCase();
    const password = ADMIN_PASSWORD ?? randomBytes(12).toString('base64url');
    await this.create(email, await this.passwords.hash(password), ADMIN_PASSWORD ? null : password);
  }

  private async create(email: string, passwordHash: string, generatedPassword: string | null): Promise<void> {
    await this.transactions.run(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [FIRST_START_LOCK]);
      if (await tx.existsBy(User, { platformRole: 'ADMIN', status: 'ACTIVE' })) return;
      const names = { givenName: null, familyName: null };
      await this.users.create(tx, { email, passwordHash, ...names, platformRole: 'ADMIN', emailVerified: true });
      this.firstSignIn = { email, generatedPassword };
    });
    if (this.firstSignIn) this.logger.log('The first platform admin was made');
  }
}
