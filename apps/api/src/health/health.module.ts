import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Departure } from './departure.js';
import { HealthController } from './health.controller.js';
import { MigrationRepository } from './migration.repository.js';

@Module({ imports: [TerminusModule], controllers: [HealthController], providers: [Departure, MigrationRepository] })
export class HealthModule {}
