import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { RefusalsController } from './refusals.controller.js';
import { RefusalsService } from './refusals.service.js';

/** People who want no more mail, from one organisation or from all. */
@Module({
  imports: [AuthModule],
  controllers: [RefusalsController],
  providers: [RefusalsService],
  exports: [RefusalsService],
})
export class UnsubscribesModule {}
