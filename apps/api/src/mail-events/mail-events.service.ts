import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import type { TakenBody } from '@usher/http';
import { type AppliedMailEvent, MailEvents } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import { RefusalsService } from '../unsubscribes/refusals.service.js';
import type { MailEventsTakenDto } from './mail-event.dto.js';
import { reportedEvents } from './reported-events.js';

/** Takes reports of what became of mails, and writes down what was learnt. */
@Injectable()
export class MailEventsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly mailEvents: MailEvents,
    private readonly audit: Audit,
    private readonly refusals: RefusalsService,
  ) {}

  async take(body?: TakenBody): Promise<MailEventsTakenDto> {
    const reported = await reportedEvents(body);
    const events = reported.filter((event) => event !== null);
    const applied = await this.transactions.run(async (tx) => {
      const changes = await this.mailEvents.apply(tx, events);
      await this.audit.record(tx, ...changes.map(toEntry));
      await this.refuseForComplainants(tx, changes);
      return changes.length;
    });
    return { applied, ignored: reported.length - applied };
  }

  /** Whoever reports an organisation's mail as spam gets no more of its invitations. In order, so that no two wait for each other. */
  private async refuseForComplainants(tx: EntityManager, changes: AppliedMailEvent[]): Promise<void> {
    const complaints = changes.filter(({ type, tenantId }) => type === 'complained' && tenantId !== null);
    const inOrder = complaints.toSorted((one, other) => placeOf(one).localeCompare(placeOf(other)));
    for (const { tenantId, toAddress } of inOrder) await this.refusals.set(tx, { tenantId, address: toAddress }, true);
  }
}

const toEntry = ({ mailId, tenantId, before, after, type, at }: AppliedMailEvent) => ({
  action: `mail.${type}`,
  subject: { type: 'mail', id: mailId },
  tenantId,
  before: { status: before },
  after: { status: after, ...(at ? { at } : {}) },
});

const placeOf = ({ tenantId, toAddress }: AppliedMailEvent): string => `${tenantId} ${toAddress}`;
