import { Injectable } from '@nestjs/common';
import { clientKey, counterOf, Throttle, type ThrottleRule } from '@usher/http';

const PER_CLIENT: ThrottleRule = { name: 'wrong tokens by client', limit: 30, seconds: 60 };

/** The counter of the client that asks, for statements that look at it with `spentCounter`. */
export const guessesOfClient = () => counterOf(PER_CLIENT, clientKey());

/** Bounds guessing of mailed tokens: invitations and password resets count together, by client. */
@Injectable()
export class WrongTokens {
  constructor(private readonly throttle: Throttle) {}

  /** 429 for a client that guessed wrong too often; also when this guess would be right. */
  async refuseGuesser(): Promise<void> {
    await this.throttle.check(PER_CLIENT, clientKey());
  }

  /** 429 instead of the ordinary refusal when this one is too many. */
  async count(): Promise<void> {
    await this.throttle.hit(PER_CLIENT, clientKey());
  }
}
