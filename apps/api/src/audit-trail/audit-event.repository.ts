import { Injectable } from '@nestjs/common';
import { AuditEvent } from '@usher/audit';
import { orderBy, type Page, Pages } from '@usher/http';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { AuditEventListQuery } from './audit-event.dto.js';

const NEWEST_FIRST = orderBy<AuditEvent>('event', '-at', 'id');

const CONDITIONS: Readonly<Record<string, string>> = {
  tenant: 'event.tenantId = :tenant',
  actor: 'event.actorId = :actor',
  action: 'event.action = :action',
  subject: 'event.subjectId = :subject',
  from: 'event.at >= :from',
  to: 'event.at < :to',
};

/** Null: the whole installation. */
export type Tenant = string | null;

/** Audit events, to be read: the audit alone writes them. */
@Injectable()
export class AuditEventRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: Pages,
  ) {}

  page(tenant: Tenant, query: AuditEventListQuery): Promise<Page<AuditEvent>> {
    return this.pages.read(this.matching(tenant, query), NEWEST_FIRST, query);
  }

  /** The newest, or those that follow the event `after`. */
  batch(tenant: Tenant, query: AuditEventListQuery, { limit, after }: Batch): Promise<AuditEvent[]> {
    const events = this.matching(tenant, query);
    if (after) events.andWhere('(event.at, event.id) < (:at, :id)', { at: after.at, id: after.id });
    return events.orderBy('event.at', 'DESC').addOrderBy('event.id', 'DESC').limit(limit).getMany();
  }

  private matching(tenant: Tenant, query: AuditEventListQuery): SelectQueryBuilder<AuditEvent> {
    const { actor, action, subject, from, to } = query;
    const events = this.dataSource.createQueryBuilder(AuditEvent, 'event');
    for (const [name, value] of Object.entries({ tenant, actor, action, subject, from, to })) {
      if (value !== undefined && value !== null) events.andWhere(CONDITIONS[name], { [name]: value });
    }
    return events;
  }
}

interface Batch {
  limit: number;
  after?: AuditEvent;
}
