import { Injectable } from '@nestjs/common';
import type { AuditEvent } from '@usher/audit';
import type { Page } from '@usher/http';
import { PrincipalNames } from '../keys/principal-names.js';
import { AuditEventDto, type AuditEventListQuery } from './audit-event.dto.js';
import { AuditEventRepository, type Tenant } from './audit-event.repository.js';

/** Rows that an export holds in memory at once. */
const BATCH = 500;

/** Reads what was done; newest first, and never in a transaction. */
@Injectable()
export class AuditEventsService {
  constructor(
    private readonly events: AuditEventRepository,
    private readonly names: PrincipalNames,
  ) {}

  async list(tenant: Tenant, query: AuditEventListQuery): Promise<Page<AuditEventDto>> {
    const page = await this.events.page(tenant, query);
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
    return this.events.batch(tenant, query, { limit: BATCH, after });
  }

  private async present(events: AuditEvent[]): Promise<AuditEventDto[]> {
    const names = await this.names.of(events.map(({ actorType: type, actorId: id }) => ({ type, id })));
    return events.map((event) => AuditEventDto.from(event, names));
  }
}
