import { Module } from '@nestjs/common';
import { UnsubscribesModule } from '../unsubscribes/unsubscribes.module.js';
import { MailEventsController } from './mail-events.controller.js';
import { MailEventsService } from './mail-events.service.js';

@Module({ imports: [UnsubscribesModule], controllers: [MailEventsController], providers: [MailEventsService] })
export class MailEventsModule {}
