import { type HttpException, Injectable } from '@nestjs/common';
import { sql, type Statement } from '@usher/database';
import { problem } from '@usher/http';
import {
  KEY_OF,
  keyOf,
  mailsFromTo,
  type Reservation,
  reserving,
  secondsOfDayLeft,
  SendingCounters,
} from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import type { Principal } from '../access/caller.js';
import type { PlatformLimits } from '../platform/platform.entity.js';

/** One sending. */
export interface Sending {
  email: string;
  /** False when the secret goes nowhere for now: such an invitation counts for its inviter, not for its recipient. */
  reachesSomebody: boolean;
}

/** Who sends, and from where. */
interface Sender {
  caller: Principal;
  organisationId: string | null;
  limits: PlatformLimits;
}

/** Bounds what one recipient gets from an organisation in a day, and what one inviter and one organisation send. */
@Injectable()
export class SendingLimits {
  constructor(private readonly counters: SendingCounters) {}

  /**
   * Counts one mail to each address, in the transaction that sends: what is not sent in the end is given back, or rolled back.
   * `addresses` selects them once each, as `email`.
   */
  reserve(caller: Principal, organisationId: string | null, { text, values }: Statement): Statement<Reservation> {
    const [tenant, shared] = [`$${values.length + 1}::text`, `$${values.length + 2}::text[]`];
    const statement = reserving({
      keys: `SELECT ${KEY_OF(`${tenant} || email`)} FROM (${text}) AS address`,
      limit: `(SELECT (limits ->> 'mailsPerRecipientPerDay')::int FROM platform)`,
      shared,
    });
    const counters = [ofInviter(caller), ofOrganisation(organisationId)].map(keyOf);
    return sql(statement, [...values, mailsFromTo(organisationId, ''), counters]);
  }

  /** When all were asked: keeps what was sent, and nothing else. */
  settle({ unused, sent, shared }: Allowance): Statement[] {
    return [
      ...(unused.length > 0 ? [this.counters.givingBack(unused)] : []),
      ...(sent > 0 && shared.length > 0 ? [this.counters.adding(shared, sent)] : []),
    ];
  }

  /** For a mail that no request asks for: counts it for its recipient alone. False, and nothing is counted, when they got enough from here today. */
  async allowsReminder(
    tx: EntityManager,
    { organisationId, email }: { organisationId: string | null; email: string },
    { mailsPerRecipientPerDay: limit }: PlatformLimits,
  ): Promise<boolean> {
    return limit === null || this.counters.takeExactly(tx, mailsFromTo(organisationId, email), limit);
  }
}

/** What may still be sent today, as it is given out, one sending after the other. */
export class Allowance {
  /** Invitations sent by now. */
  sent = 0;
  private readonly taken: Set<string>;
  private readonly used = new Set<string>();

  constructor(
    private readonly sender: Sender,
    private readonly reservation: Reservation,
    private readonly now: Date,
  ) {
    this.taken = new Set(reservation.taken);
  }

  /** 429 when a limit is reached. */
  refuse({ email, reachesSomebody }: Sending): void {
    const { mailsPerRecipientPerDay: limit } = this.sender.limits;
    if (reachesSomebody && limit !== null && !this.taken.has(this.keyOf(email))) {
      throw this.reached(`This person was sent ${limit} invitations from here today`);
    }
    for (const { subject, limit: most, words } of this.sharedRules) {
      if (most !== null && (this.reservation.counted[keyOf(subject)] ?? 0) + this.sent >= most)
        throw this.reached(words(most));
    }
  }

  /** It is sent. */
  take({ email, reachesSomebody }: Sending): void {
    this.sent += 1;
    if (reachesSomebody) this.used.add(this.keyOf(email));
  }

  /** Keys of recipients for whom one was counted that was not sent. */
  get unused(): string[] {
    return [...this.taken].filter((key) => !this.used.has(key));
  }

  /** Keys of what counts every sending. */
  get shared(): string[] {
    return this.sharedRules.filter(({ limit }) => limit !== null).map(({ subject }) => keyOf(subject));
  }

  private get sharedRules() {
    const { caller, organisationId, limits } = this.sender;
    return [
      {
        subject: ofInviter(caller),
        limit: limits.invitationsPerInviterPerDay,
        words: (limit: number) => `You have sent ${limit} invitations today`,
      },
      {
        subject: ofOrganisation(organisationId),
        limit: organisationId === null ? null : limits.invitationsPerOrganisationPerDay,
        words: (limit: number) => `This organisation has sent ${limit} invitations today`,
      },
    ];
  }

  private keyOf(email: string): string {
    return keyOf(mailsFromTo(this.sender.organisationId, email));
  }

  private reached(words: string): HttpException {
    const retryAfter = secondsOfDayLeft(this.now);
    const detail = `${words}, which is the limit. Try again in ${retryAfter} seconds.`;
    return problem(429, 'sending_limit_reached', detail, { retryAfter });
  }
}

const ofInviter = ({ id }: Principal): string => `by ${id}`;
const ofOrganisation = (organisationId: string | null): string => `by organisation ${organisationId}`;
