import { Injectable } from '@nestjs/common';
import { Transactions } from '@usher/database';
import { membersOf, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { InvitationReader } from '../invitation-reader.js';
import { InvitationSender } from '../invitation-sender.js';
import { SeatsService } from '../seats.service.js';
import { SendingLimits } from '../sending-limits.js';
import type { BulkResultDto, BulkResultsDto } from './bulk.dto.js';
import { decide, type Plan, sendingOf } from './bulk-decisions.js';
import { type Asked, type Facts, BulkFactsReader } from './bulk-facts.js';
import { type Ended, forRow, isEnded } from './bulk-rows.js';
import { BulkWriter, Overtaken } from './bulk-writer.js';

const ATTEMPTS = 5;

/** Ends a transaction that was only to show what would happen. */
class OnlyTried extends Error {
  constructor(readonly ended: Ended[]) {
    super();
  }
}

/** Invites many people in one transaction: read everything, decide row by row, write everything. Each row ends as it would alone. */
@Injectable()
export class BulkInvitationsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly facts: BulkFactsReader,
    private readonly seats: SeatsService,
    private readonly limits: SendingLimits,
    private readonly sender: InvitationSender,
    private readonly writer: BulkWriter,
    private readonly reader: InvitationReader,
  ) {}

  /** `ended`: rows of the same request for which it was over before. */
  async invite(asked: Asked, ended: Ended[], dryRun: boolean): Promise<BulkResultsDto> {
    const decided = dryRun ? await this.tryOut(asked) : await this.run((tx) => this.within(tx, asked));
    return { results: await this.present([...ended, ...decided].sort((a, b) => a.index - b.index)) };
  }

  /** The same up to the last moment, and then nothing of it. */
  private async tryOut(asked: Asked): Promise<Ended[]> {
    try {
      return await this.run(async (tx) => {
        throw new OnlyTried(await this.within(tx, asked, true));
      });
    } catch (error) {
      if (!(error instanceof OnlyTried)) throw error;
      return error.ended.map(({ link: _link, invitation: _invitation, ...end }) => end);
    }
  }

  /** Decides anew when another request opened one of the invitations at this moment; now it is seen. */
  private async run(work: (tx: EntityManager) => Promise<Ended[]>): Promise<Ended[]> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        return await this.transactions.run(work);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
    }
    const detail = 'Others are inviting the same people at this moment, and nothing was done. Try again shortly.';
    throw problem(503, 'busy', detail, { retryAfter: 1 });
  }

  private async within(tx: EntityManager, asked: Asked, dryRun = false): Promise<Ended[]> {
    const facts = await this.facts.read(tx, asked);
    const decided = asked.rows.map((row) => forRow(row, () => decide(row, facts)));
    const admitted = await this.admit(tx, facts, decided.filter(isPlan));
    const written = await this.writer.write(tx, facts, admitted.filter(isPlan));
    const ended = [...decided.filter(isEnded), ...admitted.filter(isEnded), ...written];
    if (facts.holdings.has('invitations:read', null)) return ended;
    // What was not written by this request is for those who may read it.
    return ended.map((end) => (dryRun || end.outcome === 'skipped' ? { ...end, invitationId: undefined } : end));
  }

  /** Seats and limits, row after row until they are gone. A row that one of them refuses takes nothing of the other. */
  private async admit(tx: EntityManager, facts: Facts, plans: Plan[]): Promise<(Plan | Ended)[]> {
    if (plans.length === 0) return [];
    const { organisationId } = facts.place;
    const emails = plans.map(({ row }) => row.email);
    const seats = await this.seats.left(tx, organisationId, emails);
    const counted = plans.map((plan) => this.sender.counted(sendingOf(plan, facts)));
    const allowance = await this.limits.allowance(tx, counted, facts.platform.limits);
    const admitted = plans.map((plan, index) =>
      forRow(plan.row, () => {
        seats.refuse(plan.row.email);
        allowance.allow(counted[index]);
        seats.take(plan.row.email);
        return plan;
      }),
    );
    await this.limits.settle(tx, allowance);
    return admitted;
  }

  private async present(ended: Ended[]): Promise<BulkResultDto[]> {
    const invitations = await this.reader.many(ended.flatMap(({ invitationId }) => invitationId ?? []));
    return ended.map(({ index, email, outcome, refusal, invitationId, link, ...end }) => {
      const invitation = end.invitation ?? invitations.get(invitationId ?? '');
      return {
        ...{ index, email, outcome },
        ...(invitation ? { invitation: link ? { ...invitation, link } : invitation } : {}),
        ...(refusal ? { problem: membersOf(refusal) } : {}),
      };
    });
  }
}

const isPlan = (each: Plan | Ended): each is Plan => 'kind' in each;
