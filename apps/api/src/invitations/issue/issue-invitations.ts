import { HttpException, Injectable } from '@nestjs/common';
import { flush, type LastWrites, Transactions } from '@usher/database';
import type { EntityManager } from 'typeorm';
import type { Caller, Place } from '../../access/caller.js';
import { type IssueContext, IssueContexts } from './issue-context.js';
import type { Decision, Issued, Outcome } from './issue-outcome.js';
import type { InviteRequest, IssueOptions } from './issue-request.js';
import { CONTEXT_RULES, NothingToDo, RULES } from './issue-rules.js';
import { IssueWrites } from './issue-writes.js';
import { Proposal } from './proposal.js';

/** Ends a transaction that was only to show what would happen. */
class DryRunRollback extends Error {
  constructor(readonly outcomes: Outcome[]) {
    super();
  }
}

/**
 * Issues, sends again and changes invitations in one place: every way of inviting goes through here. Load, decide, save: two round trips for one
 * address and for a thousand.
 */
@Injectable()
export class IssueInvitations {
  constructor(
    private readonly transactions: Transactions,
    private readonly contexts: IssueContexts,
    private readonly writes: IssueWrites,
  ) {}

  /** Each request is decided as it would be alone; one outcome for each, in their order. Throws what all are refused with. */
  async issue(
    caller: Caller,
    place: Place,
    requests: readonly InviteRequest[],
    options: IssueOptions,
  ): Promise<Outcome[]> {
    try {
      return await this.transactions.run(async (tx) => {
        const context = await this.contexts.load(tx, caller, place, requests);
        const decisions = decideAll(requests, context, options);
        if (options.dryRun) throw new DryRunRollback(await this.writes.preview(tx, context, decisions));
        return this.writes.save(tx, context, decisions);
      });
    } catch (end) {
      if (end instanceof DryRunRollback) return end.outcomes;
      throw end;
    }
  }

  /** For one: throws what it is refused with. */
  async issueOne(caller: Caller, place: Place, request: InviteRequest, options: IssueOptions): Promise<Issued> {
    const [outcome] = await this.transactions.run((tx) => this.issueWithin(tx, { caller, place, request, ...options }));
    const { invitation, grants } = outcome;
    if (!invitation || !grants) throw new Error('What was issued was not read back');
    return { ...outcome, invitation, grants };
  }

  /** Inside another write's transaction: throws what it is refused with. */
  async issueBeside(tx: EntityManager, caller: Caller, place: Place, request: InviteRequest): Promise<void> {
    const { statements } = await this.issueWithin(tx, { caller, place, request, whenPending: 'refuse' });
    await flush(tx, statements);
  }

  private async issueWithin(
    tx: EntityManager,
    { caller, place, request, ...options }: IssueOptions & { caller: Caller; place: Place; request: InviteRequest },
  ): Promise<LastWrites<Outcome[]>> {
    const context = await this.contexts.load(tx, caller, place, [request]);
    const decision = decide(request, context, options);
    if (decision.problem) throw decision.problem;
    return this.writes.save(tx, context, [decision]);
  }
}

function decideAll(
  requests: readonly InviteRequest[],
  context: IssueContext,
  { untilRefused = false, ...options }: IssueOptions,
): Decision[] {
  const decisions: Decision[] = [];
  for (const rule of CONTEXT_RULES) rule({ context });
  for (const request of requests) {
    const decision = decide(request, context, options);
    decisions.push(decision);
    if (untilRefused && decision.kind === 'refused') break;
  }
  return decisions;
}

/** Seats and limits are given out in the order of the requests; one that is refused takes nothing. */
function decide(request: InviteRequest, context: IssueContext, { whenPending }: IssueOptions): Decision {
  const proposal = new Proposal(request, context, whenPending);
  try {
    for (const rule of RULES) rule(proposal);
  } catch (end) {
    if (end instanceof NothingToDo) return { proposal, kind: 'unchanged', problem: end.problem };
    if (end instanceof HttpException) return { proposal, kind: 'refused', problem: end };
    throw end;
  }
  proposal.admit();
  if (!proposal.existing) return { proposal, kind: 'created' };
  return { proposal, kind: proposal.sends ? 'resent' : 'changed' };
}
