import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Departure } from './departure.js';
import { HealthController } from './health.controller.js';

@Module({ imports: [TerminusModule], controllers: [HealthController], providers: [Departure] })
export class HealthModule {}
