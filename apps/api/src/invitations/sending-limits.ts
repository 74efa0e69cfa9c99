import { type HttpException, Injectable } from '@nestjs/common';
import { problem } from '@usher/http';
import { mailsFromTo, SendingCounters } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import type { Principal } from '../access/caller.js';
import type { PlatformLimits } from '../platform/platform.entity.js';

/** One sending: who sends to whom, and for which organisation. */
export interface Counted {
  caller: Principal;
  organisationId: string | null;
  email: string;
  /** False when the secret goes nowhere for now: such an invitation counts for who makes it, not for its recipient. */
  reachesSomebody: boolean;
}

/** Bounds what one recipient gets from an organisation in a day, and what one inviter and one organisation send. */
@Injectable()
export class SendingLimits {
  constructor(private readonly counters: SendingCounters) {}

  /** Counts in the transaction that sends, so that what is rolled back does not count. 429 with Retry-After when a limit is reached. */
  async count(tx: EntityManager, sending: Counted, limits: PlatformLimits): Promise<void> {
    for (const { limit, subject, take, reached } of this.rules(sending, limits)) {
      if (limit !== null && !(await take(tx, subject, limit))) throw await this.refusal(tx, reached(limit));
    }
  }

  /** For a mail that no request asks for: counts it for its recipient alone. False, and nothing is counted, when they got enough from here today. */
  async allowsReminder(
    tx: EntityManager,
    { organisationId, email }: Pick<Counted, 'organisationId' | 'email'>,
    { mailsPerRecipientPerDay: limit }: PlatformLimits,
  ): Promise<boolean> {
    return limit === null || this.counters.takeExactly(tx, mailsFromTo(organisationId, email), limit);
  }

  /** The same for many sendings of one caller in one organisation: what is left for them. */
  async allowance(tx: EntityManager, sendings: Counted[], limits: PlatformLimits): Promise<Allowance> {
    const rulesOf = (sending: Counted): Rule[] => this.rules(sending, limits);
    const shared = sendings.slice(0, 1).flatMap((sending) => rulesOf(sending).slice(1).filter(isLimited));
    const recipients = sendings.map((sending) => rulesOf(sending)[0]).filter(isLimited);
    const taken = await this.counters.takeEachExactly(tx, subjectsOf(recipients), limits.mailsPerRecipientPerDay ?? 0);
    const hits = await this.counters.counted(tx, subjectsOf(shared));
    const left = shared.map((rule, index) => ({ ...rule, left: rule.limit - hits[index] }));
    return new Allowance(rulesOf, taken, left, await this.counters.secondsLeft(tx));
  }

  /** When all were asked: counts what was allowed, and nothing else. */
  async settle(tx: EntityManager, { unused, shared, allowed }: Allowance): Promise<void> {
    await this.counters.giveBack(tx, [...unused]);
    await this.counters.addLoosely(tx, subjectsOf(shared), allowed);
  }

  /** What is counted: for the recipient, for who sends, for the organisation. */
  rules({ caller, organisationId, email, reachesSomebody }: Counted, limits: PlatformLimits): Rule[] {
    const exactly: Rule['take'] = (...count) => this.counters.takeExactly(...count);
    const loosely: Rule['take'] = (...count) => this.counters.takeLoosely(...count);
    return [
      {
        limit: reachesSomebody ? limits.mailsPerRecipientPerDay : null,
        subject: mailsFromTo(organisationId, email),
        take: exactly,
        reached: (limit) => `This person was sent ${limit} invitations from here today`,
      },
      {
        limit: limits.invitationsPerInviterPerDay,
        subject: `by ${caller.id}`,
        take: loosely,
        reached: (limit) => `You have sent ${limit} invitations today`,
      },
      {
        limit: organisationId === null ? null : limits.invitationsPerOrganisationPerDay,
        subject: `by organisation ${organisationId}`,
        take: loosely,
        reached: (limit) => `This organisation has sent ${limit} invitations today`,
      },
    ];
  }

  private async refusal(tx: EntityManager, reached: string) {
    return limitReached(reached, await this.counters.secondsLeft(tx));
  }
}

/** What may still be sent today, as it is given out, one sending after the other. */
export class Allowance {
  /** Recipients for whom one was counted that was not allowed in the end. */
  readonly unused: Set<string>;
  allowed = 0;

  constructor(
    private readonly rulesOf: (sending: Counted) => Rule[],
    private readonly taken: ReadonlySet<string>,
    readonly shared: readonly (LimitedRule & { left: number })[],
    private readonly retryAfter: number,
  ) {
    this.unused = new Set(taken);
  }

  /** Counts it; 429 when a limit is reached. */
  allow(sending: Counted): void {
    const [recipient] = this.rulesOf(sending);
    if (isLimited(recipient) && !this.taken.has(recipient.subject)) throw this.refusal(recipient);
    const exhausted = this.shared.find(({ left }) => left <= this.allowed);
    if (exhausted) throw this.refusal(exhausted);
    this.unused.delete(recipient.subject);
    this.allowed += 1;
  }

  private refusal({ limit, reached }: LimitedRule): HttpException {
    return limitReached(reached(limit), this.retryAfter);
  }
}

const limitReached = (reached: string, retryAfter: number): HttpException => {
  const detail = `${reached}, which is the limit. Try again in ${retryAfter} seconds.`;
  return problem(429, 'sending_limit_reached', detail, { retryAfter });
};

interface Rule {
  /** Null: none. */
  limit: number | null;
  subject: string;
  take: (tx: EntityManager, subject: string, limit: number) => Promise<boolean>;
  reached: (limit: number) => string;
}

type LimitedRule = Rule & { limit: number };

const isLimited = (rule: Rule): rule is LimitedRule => rule.limit !== null;
const subjectsOf = (rules: readonly Rule[]): string[] => rules.map(({ subject }) => subject);
