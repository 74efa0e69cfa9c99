import { randomBytes } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { UserRepository } from '../users/user.repository.js';
import { UsersService } from '../users/users.service.js';
import { Passwords } from './passwords.js';

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
    private readonly repository: UserRepository,
    private readonly passwords: Passwords,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (await this.users.hasAdmin()) return this.warnOfIgnoredPassword();
    const { ADMIN_EMAIL, ADMIN_PASSWORD, isProduction } = this.configuration;
    if (isProduction && !ADMIN_PASSWORD) {
      throw new Error('There is no platform admin yet: set ADMIN_EMAIL and ADMIN_PASSWORD for the first start');
    }
    const email = ADMIN_EMAIL ?? 'admin@usher.local';
    const password = ADMIN_PASSWORD ?? randomBytes(12).toString('base64url');
    await this.create(email, await this.passwords.hash(password), ADMIN_PASSWORD ? null : password);
  }

  /** Who writes a new password there expects that it counts. */
  private async warnOfIgnoredPassword(): Promise<void> {
    const { ADMIN_EMAIL, ADMIN_PASSWORD } = this.configuration;
    if (!ADMIN_EMAIL || !ADMIN_PASSWORD) return;
    const user = await this.repository.credentialsOf({ email: ADMIN_EMAIL });
    if (await this.passwords.matches(user?.passwordHash, ADMIN_PASSWORD)) return;
    this.logger.warn(
      'ADMIN_EMAIL and ADMIN_PASSWORD are not how an account signs in, and change none: they are for the first start alone',
    );
  }

  private async create(email: string, passwordHash: string, generatedPassword: string | null): Promise<void> {
    if (!(await this.users.createFirstAdmin(email, passwordHash))) return;
    this.firstSignIn = { email, generatedPassword };
    this.logger.log('The first platform admin was made');
  }
}
