import { Injectable } from '@nestjs/common';
import { insertion, insertRows, newId, type Statement, Transactions } from '@usher/database';
import { type Actor, currentRequest } from '@usher/http';
import { Counter } from 'prom-client';
import { DataSource, type EntityManager } from 'typeorm';
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
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  async record(tx: EntityManager, ...entries: AuditEntry[]): Promise<void> {
    await insertRows(tx, AuditEvent, entries.map(toEvent));
    this.transactions.onceCommitted(tx, () => count(entries));
  }

  /** What was refused: there is no transaction, as nothing else is written. */
  async recordRefusal(entry: AuditEntry): Promise<void> {
    await this.record(this.dataSource.manager, entry);
  }

  /** For a transaction that sends it with its other writes; at least one entry. */
  recording(tx: EntityManager, entries: AuditEntry[]): Statement {
    this.transactions.onceCommitted(tx, () => count(entries));
    return insertion(tx.dataSource, AuditEvent, entries.map(toEvent));
  }
}

function count(entries: readonly AuditEntry[]): void {
  for (const { action } of entries) if (!NOBODYS_BUSINESS.test(action)) RECORDED.inc({ action });
}

/** Field by field: every write comes by here, and spreading an entry takes long. */
function toEvent({ action, actor, subject, tenantId, before, after }: AuditEntry): Omit<AuditEvent, 'at'> {
  const { ip, requestId, actor: caller } = currentRequest() ?? NO_REQUEST;
  const { type: actorType, id: actorId } = actor ?? caller ?? USHER;
  return {
    id: newId(),
    tenantId: tenantId ?? null,
    action,
    actorType,
    actorId,
    subjectType: subject.type,
    subjectId: subject.id,
    before: before ?? null,
    after: after ?? null,
    ip,
    requestId,
  };
}
