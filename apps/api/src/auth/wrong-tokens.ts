import { Injectable } from '@nestjs/common';
import { clientKey, Throttle, type ThrottleRule } from '@usher/http';
import { LRUCache } from 'lru-cache';

const PER_CLIENT: ThrottleRule = { name: 'wrong tokens by client', limit: 30, seconds: 60 };
const MOST_REMEMBERED = 10_000;

/** Bounds guessing of mailed tokens: invitations and password resets count together, by client. */
@Injectable()
export class WrongTokens {
  /** Clients that were wrong here lately: everybody else is let in without asking the database for a count. */
  private readonly guessers = new LRUCache<string, true>({ max: MOST_REMEMBERED, ttl: PER_CLIENT.seconds * 1_000 });

  constructor(private readonly throttle: Throttle) {}

  /** 429 for a client that guessed wrong too often; also when this guess would be right. */
  async refuseGuesser(): Promise<void> {
    const client = clientKey();
    if (this.guessers.has(client)) await this.throttle.check(PER_CLIENT, client);
  }

  /** 429 instead of the ordinary refusal when this one is too many. */
  async count(): Promise<void> {
    const client = clientKey();
    this.guessers.set(client, true);
    await this.throttle.hit(PER_CLIENT, client);
  }
}
