import { problem } from '@usher/http';
import type { SeatsRow } from './seat.repository.js';

/** Seats as they are given out, one address after the other. */
export class SeatsLeft {
  private readonly seated: Set<string>;

  /** Null: no limit. */
  constructor(private readonly seats: SeatsRow | null) {
    this.seated = new Set(seats?.seated);
  }

  /** 402 when the address has no seat and none is left. */
  refuse(email: string): void {
    if (!this.seats || this.seated.has(email)) return;
    const { limit, members, pending } = this.seats;
    if (members + pending < limit) return;
    throw problem(
      402,
      'seat_limit_reached',
      `The plan has ${limit} seats: ${members} members hold one, ${pending} are reserved for people invited. Remove somebody, revoke an invitation, or ask the platform's staff for more.`,
      { limit, members, pending },
    );
  }

  /** The address has one from now on. */
  take(email: string): void {
    if (!this.seats || this.seated.has(email)) return;
    this.seated.add(email);
    this.seats.pending += 1;
  }
}
