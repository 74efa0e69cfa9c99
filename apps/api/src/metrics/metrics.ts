import { Injectable } from '@nestjs/common';
import { sharedLook } from '@usher/http';
import { MailChannel } from '@usher/mailer';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, register, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { OutboxRepository } from './outbox.repository.js';

/** Seconds: from an answer out of memory to one that waited for a lock. */
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface PoolOfConnections {
  totalCount: number;
  idleCount: number;
  waitingCount: number;
}

/** What this process tells of itself to Prometheus. Counters of what happens stand where it happens. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly registers = [this.registry];
  private readonly requests = new Histogram({
    name: 'usher_http_request_duration_seconds',
    help: 'Requests answered, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: this.registers,
  });
  private readonly connections = new Gauge({
    name: 'usher_database_connections',
    help: 'Connections to the database: in use, idle, and requests that wait for one',
    labelNames: ['state'],
    registers: this.registers,
    collect: () => this.countConnections(),
  });
  private readonly depth = new Gauge({
    name: 'usher_outbox_mails',
    help: 'Mails that wait to be sent, or are being sent',
    labelNames: ['status'],
    registers: this.registers,
  });
  private readonly age = new Gauge({
    name: 'usher_outbox_oldest_seconds',
    help: 'How long the oldest mail of the outbox has been there; those that wait for a reason too',
    registers: this.registers,
  });

  private readonly late = new Gauge({
    name: 'usher_outbox_late_seconds',
    help: 'How long the most overdue mail has been due; those that wait for a reason are not',
    registers: this.registers,
  });

  private readonly trouble: Gauge = new Gauge({
    name: 'usher_mail_channel_trouble',
    help: '1 since this process found that no mail can leave, until it sends one; /readyz says why',
    registers: this.registers,
    collect: () => this.trouble.set(this.channel.state.state === 'paused' ? 1 : 0),
  });

  /** However many ask at once. */
  private readonly outboxIsSeen = sharedLook(() => this.lookIntoOutbox(), 0);

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: OutboxRepository,
    private readonly channel: MailChannel,
  ) {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly contentType = register.contentType;

  /** A request that was answered; what has no route is one series, whatever was asked for. */
  answered({ method, routeOptions }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply): void {
    const route = routeOptions.url ?? 'unknown';
    this.requests.observe(
      { method: routeOptions.url ? method : 'any', route, status: statusCode },
      elapsedTime / 1_000,
    );
  }

  /** In Prometheus' text format. The outbox is left out while the database does not answer. */
  async text(): Promise<string> {
    await this.outboxIsSeen().catch(() => this.forgetOutbox());
    return Registry.merge([register, this.registry]).metrics();
  }

  private countConnections(): void {
    const { master } = this.dataSource.driver as unknown as { master: PoolOfConnections }; // as: TypeORM's driver for PostgreSQL keeps the pool there
    this.connections.set({ state: 'used' }, master.totalCount - master.idleCount);
    this.connections.set({ state: 'idle' }, master.idleCount);
    this.connections.set({ state: 'waiting' }, master.waitingCount);
  }

  private async lookIntoOutbox(): Promise<void> {
    const rows = await this.outbox.waiting();
    for (const status of ['QUEUED', 'SENDING'])
      this.depth.set({ status }, rows.find((row) => row.status === status)?.depth ?? 0);
    this.age.set(Math.max(0, ...rows.map((row) => row.age)));
    this.late.set(Math.max(0, ...rows.map((row) => row.late ?? 0)));
  }

  private forgetOutbox(): void {
    this.depth.reset();
    this.age.reset();
    this.late.reset();
  }
}
