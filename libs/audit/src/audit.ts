import { Injectable } from '@nestjs/common';
import { insertRows, newId, Transactions } from '@usher/database';
import { type Actor, currentRequest } from '@usher/http';
import { Counter } from 'prom-client';
import type { EntityManager } from 'typeorm';
import { AuditEvent } from './audit-event.entity.js';

export interface AuditEntry {
  action: string;
  subject: { type: string; id: string | null };
  tenantId?: string | null;
  before?: object;
  after?: object;
  /** Default: the caller of the current request, or Usher itself. */
  actor?: Actor;
}

const USHER: Actor = { type: 'system', id: null };
const RECORDED = new Counter({
  name: 'usher_audit_events_total',
  help: 'What was done, by action, such as invitation.accepted',
  labelNames: ['action'],
});

/** Who watches the figures must not learn that somebody refuses mail at this moment. */
const NOBODYS_BUSINESS = /^mail\.opted_/;

const NO_REQUEST = { ip: null, requestId: null, actor: null };

/** Writes down what was done, in the transaction that does it. There is no way to change or delete an event. */
@Injectable()
export class Audit {
  constructor(private readonly transactions: Transactions) {}

  async record(tx: EntityManager, ...entries: AuditEntry[]): Promise<void> {
    await insertRows(tx, AuditEvent, this.prepare(entries));
    this.transactions.onceCommitted(tx, () => this.recorded(entries));
  }

  /** The rows of events that a statement of its own writes, with what it does; say `recorded` once it has. */
  prepare(entries: AuditEntry[]): Omit<AuditEvent, 'at'>[] {
    return entries.map(toEvent);
  }

  recorded(entries: AuditEntry[]): void {
    for (const { action } of entries) if (!NOBODYS_BUSINESS.test(action)) RECORDED.inc({ action });
  }
}

function toEvent({ action, subject, tenantId, before, after, actor }: AuditEntry): Omit<AuditEvent, 'at'> {
  const { ip, requestId, actor: caller } = currentRequest() ?? NO_REQUEST;
  const { type: actorType, id: actorId } = actor ?? caller ?? USHER;
  const { type: subjectType, id: subjectId } = subject;
  const changed = { tenantId: tenantId ?? null, before: before ?? null, after: after ?? null };
  return { id: newId(), action, ...changed, actorType, actorId, subjectType, subjectId, ip, requestId };
}
