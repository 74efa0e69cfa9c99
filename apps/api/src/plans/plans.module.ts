import { Module } from '@nestjs/common';
import { SeatRepository } from './seat.repository.js';
import { SeatsController } from './seats.controller.js';
import { SeatsService } from './seats.service.js';
import { SendingLimits } from './sending-limits.js';

/** What an organisation's plan and the platform's limits have room for: seats, and invitations sent in a day. */
@Module({
  controllers: [SeatsController],
  providers: [SeatRepository, SeatsService, SendingLimits],
  exports: [SendingLimits],
})
export class PlansModule {}
