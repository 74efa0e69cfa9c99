import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { Housekeeping } from '@usher/database';

/** Deletes events that are older than the operator wants them to be. The table lets nobody else delete, and nobody those of the last 30 days. */
@Injectable()
export class AuditRetention {
  constructor(housekeeping: Housekeeping, { AUDIT_RETENTION_DAYS: days }: Configuration) {
    if (days === undefined) return;
    housekeeping.register('audit events', {
      table: 'audit_events',
      where: `at < now() - interval '${days} days'`,
      order: 'at',
      first: `SET LOCAL usher.audit_retention_days = ${days}`,
    });
  }
}
