import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import type { TakenBody } from '@usher/http';
import { type AppliedMailEvent, MailEvents } from '@usher/mailer';
import type { MailEventsTakenDto } from './mail-event.dto.js';
import { reportedEvents } from './reported-events.js';

/** Takes reports of what became of mails, and writes down what was learnt. */
@Injectable()
export class MailEventsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly mailEvents: MailEvents,
    private readonly audit: Audit,
  ) {}

  async take(body?: TakenBody): Promise<MailEventsTakenDto> {
    const reported = await reportedEvents(body);
    const events = reported.filter((event) => event !== null);
    const applied = await this.transactions.run(async (tx) => {
      const changes = await this.mailEvents.apply(tx, events);
      await this.audit.record(tx, ...changes.map(toEntry));
      return changes.length;
    });
    return { applied, ignored: reported.length - applied };
  }
}

const toEntry = ({ mailId, tenantId, before, after, type, at }: AppliedMailEvent) => ({
  action: `mail.${type}`,
  subject: { type: 'mail', id: mailId },
  tenantId,
  before: { status: before },
  after: { status: after, ...(at ? { at } : {}) },
});
