import { Injectable } from '@nestjs/common';
import { clientKey, Throttle, type ThrottleRule } from '@usher/http';

const PER_ADDRESS_AND_CLIENT: ThrottleRule = { name: 'sign-in by address and client', limit: 10, seconds: 900 };
const PER_ADDRESS: ThrottleRule = { name: 'sign-in by address', limit: 100, seconds: 3_600 };
const PER_CLIENT: ThrottleRule = { name: 'sign-in by client', limit: 60, seconds: 300 };

/** Bounds guessing of passwords, by address and by client. Counted before the password is looked at, so that parallel guesses count. */
@Injectable()
export class SignInThrottle {
  constructor(private readonly throttle: Throttle) {}

  /** 429 when too many attempts have failed. */
  async count(email: string): Promise<void> {
    for (const [rule, subject] of this.counters(email)) await this.throttle.hit(rule, subject);
  }

  /** The password was right: the attempt does not count. */
  async forgive(email: string): Promise<void> {
    for (const [rule, subject] of this.counters(email)) await this.throttle.forgive(rule, subject);
  }

  /** Who has proven the address is kept out neither by others' guesses nor by their own. */
  async clear(email: string): Promise<void> {
    await this.throttle.clear(PER_ADDRESS, email);
    await this.throttle.clear(PER_ADDRESS_AND_CLIENT, `${email}\n${clientKey()}`);
  }

  private counters(email: string): [ThrottleRule, string][] {
    const client = clientKey();
    return [
      [PER_CLIENT, client],
      [PER_ADDRESS_AND_CLIENT, `${email}\n${client}`],
      [PER_ADDRESS, email],
    ];
  }
}
