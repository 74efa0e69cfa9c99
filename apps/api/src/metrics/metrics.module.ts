import { Module } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { OutboxRepository } from './outbox.repository.js';

@Module({ controllers: [MetricsController], providers: [Metrics, OutboxRepository] })
export class MetricsModule {}
