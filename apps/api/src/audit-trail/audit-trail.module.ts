import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { AuditEventRepository } from './audit-event.repository.js';
import { AuditEventsService } from './audit-events.service.js';
import { OrganisationAuditEventsController } from './organisation-audit-events.controller.js';
import { PlatformAuditEventsController } from './platform-audit-events.controller.js';
import { RefusedAttempts } from './refused-attempts.js';

/** What was done, for people to read, and what was refused. */
@Module({
  imports: [KeysModule],
  controllers: [OrganisationAuditEventsController, PlatformAuditEventsController],
  providers: [AuditEventRepository, AuditEventsService, RefusedAttempts],
})
export class AuditTrailModule {}
