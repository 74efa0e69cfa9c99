import { Injectable } from '@nestjs/common';
import { AuditEvent } from '@usher/audit';
import { orderBy, type Page, Pages } from '@usher/http';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { PrincipalNames } from '../keys/principal-names.js';
import { AuditEventDto, type AuditEventListQuery } from './audit-event.dto.js';

const NEWEST_FIRST = orderBy<AuditEvent>('event', '-at', 'id');
/** Rows that an export holds in memory at once. */
const BATCH = 500;

const CONDITIONS: Readonly<Record<string, string>> = {
  tenant: 'event.tenantId = :tenant',
  actor: 'event.actorId = :actor',
  action: 'event.action = :action',
  subject: 'event.subjectId = :subject',
  from: 'event.at >= :from',
  to: 'event.at < :to',
};

/** Null: the whole installation. */
type Tenant = string | null;

/** Reads what was done; newest first, and never in a transaction. */
@Injectable()
export class AuditEventsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly names: PrincipalNames,
    private readonly pages: Pages,
  ) {}

  async list(tenant: Tenant, query: AuditEventListQuery): Promise<Page<AuditEventDto>> {
    const page = await this.pages.read(this.matching(tenant, query), NEWEST_FIRST, query);
    return { ...page, data: await this.present(page.data) };
  }

  /**
   * All that match, a batch at a time; each batch is read when the one before has been taken.
   * The first is read at once, so that what fails then is still answered as a problem.
   */
  async all(tenant: Tenant, query: AuditEventListQuery): Promise<AsyncIterable<AuditEventDto[]>> {
    const first = await this.batch(tenant, query);
    return this.batchesFrom(first, (last) => this.batch(tenant, query, last));
  }

  private async *batchesFrom(
    first: AuditEvent[],
    next: (last: AuditEvent) => Promise<AuditEvent[]>,
  ): AsyncGenerator<AuditEventDto[]> {
    for (let batch = first; batch.length > 0;) {
      yield await this.present(batch);
      const last = batch.at(-1);
      batch = last && batch.length === BATCH ? await next(last) : [];
    }
  }

  private batch(tenant: Tenant, query: AuditEventListQuery, after?: AuditEvent): Promise<AuditEvent[]> {
    const events = this.matching(tenant, query);
    if (after) events.andWhere('(event.at, event.id) < (:at, :id)', { at: after.at, id: after.id });
    return events.orderBy('event.at', 'DESC').addOrderBy('event.id', 'DESC').limit(BATCH).getMany();
  }

  private matching(tenant: Tenant, query: AuditEventListQuery): SelectQueryBuilder<AuditEvent> {
    const { actor, action, subject, from, to } = query;
    const events = this.dataSource.createQueryBuilder(AuditEvent, 'event');
    for (const [name, value] of Object.entries({ tenant, actor, action, subject, from, to })) {
      if (value !== undefined && value !== null) events.andWhere(CONDITIONS[name], { [name]: value });
    }
    return events;
  }

  private async present(events: AuditEvent[]): Promise<AuditEventDto[]> {
    const names = await this.names.of(events.map(({ actorType: type, actorId: id }) => ({ type, id })));
    return events.map((event) => AuditEventDto.from(event, names));
  }
}
