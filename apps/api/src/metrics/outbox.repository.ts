import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The mails of one status, counted. */
export interface WaitingMails {
  status: 'QUEUED' | 'SENDING';
  depth: number;
  /** Seconds since the oldest came. */
  age: number;
  /** Seconds that the most overdue has been due; those that wait for a reason are not. */
  late: number | null;
}

/** The outbox, counted. */
@Injectable()
export class OutboxRepository {
  constructor(private readonly dataSource: DataSource) {}

  waiting(): Promise<WaitingMails[]> {
    return this.dataSource.query(WAITING);
  }
}

/** Mails that wait or are being sent; an index holds just these. */
const WAITING = `
  SELECT status, count(*)::int AS depth, extract(epoch FROM now() - min(created_at))::float AS age,
    extract(epoch FROM now() - min(next_attempt_at) FILTER (WHERE held_until IS NULL OR held_until <= now()))::float AS late
  FROM mail_messages WHERE status IN ('QUEUED', 'SENDING') GROUP BY status`;
