import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { User } from '../users/user.entity.js';
import { ActorNames } from './actor-names.js';
import { AuditEventsService } from './audit-events.service.js';
import { OrganisationAuditEventsController } from './organisation-audit-events.controller.js';
import { PlatformAuditEventsController } from './platform-audit-events.controller.js';
import { RefusedAttempts } from './refused-attempts.js';

/** What was done, for people to read, and what was refused. */
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [OrganisationAuditEventsController, PlatformAuditEventsController],
  providers: [AuditEventsService, ActorNames, RefusedAttempts],
})
export class AuditTrailModule {}
