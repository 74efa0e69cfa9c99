import { hash, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';
import { Configuration, weaknessOf } from '@usher/config';
import { invalid, problem } from '@usher/http';
import pLimit from 'p-limit';
import { PlatformService } from '../platform/platform.service.js';

/** OWASP's first choice of argon2id parameters: 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const LONGEST_QUEUE = 100;

/** What somebody wants as their password. */
export interface ChosenPassword {
  email: string;
  password: string;
  /** The field of the request that has it. */
  field: string;
}

/** Keyboards write the same characters in different forms (NIST SP 800-63B, 3.1.1.2). */
const normalised = (password: string): string => password.normalize('NFKC');

/** Hashes and verifies passwords, few at a time: each takes a core for some 15 ms. Never call it inside a transaction. */
@Injectable()
export class Passwords {
  private readonly limit: ReturnType<typeof pLimit>;
  /** A hash that no password has, for addresses without account: they must cost the same. */
  private readonly nobodys = hash(crypto.randomUUID(), ARGON2ID);

  constructor(
    configuration: Configuration,
    private readonly platform: PlatformService,
  ) {
    this.limit = pLimit(configuration.PASSWORD_CONCURRENCY);
  }

  /** 400 when it is too easy to guess, before anything is spent on hashing it. */
  async hashChosen({ email, password, field }: ChosenPassword): Promise<string> {
    const { name: platform } = await this.platform.settings();
    const weakness = weaknessOf(normalised(password), { email, platform });
    if (weakness) throw invalid(field, weakness);
    return this.hash(password);
  }

  hash(password: string): Promise<string> {
    return this.whenFree(() => hash(normalised(password), ARGON2ID));
  }

  /** A wrong password costs the same whether or not there is a hash. */
  async matches(passwordHash: string | null | undefined, password: string): Promise<boolean> {
    const against = passwordHash ?? (await this.nobodys);
    // Older hashes are of the form that was sent.
    for (const form of new Set([normalised(password), password])) {
      const matches = await this.whenFree(() => verify(against, form));
      if (matches) return Boolean(passwordHash);
    }
    return false;
  }

  private whenFree<T>(work: () => Promise<T>): Promise<T> {
    if (this.limit.pendingCount >= LONGEST_QUEUE) {
      throw problem(503, 'busy', 'Too many people are signing in at this moment. Try again shortly.', {
        retryAfter: 2,
      });
    }
    return this.limit(work);
  }
}
