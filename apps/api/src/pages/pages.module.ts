import { Module } from '@nestjs/common';
import { UnsubscribesModule } from '../unsubscribes/unsubscribes.module.js';
import { PlatformModule } from '../platform/platform.module.js';
import { MailboxController } from './mailbox.controller.js';
import { OptOutController } from './opt-out.controller.js';
import { PagesController } from './pages.controller.js';
import { ReadersLanguage } from './readers-language.js';

/** What people see: join, reset, opt out, and the mailbox for trying things out. */
@Module({
  imports: [PlatformModule, UnsubscribesModule],
  controllers: [PagesController, OptOutController, MailboxController],
  providers: [ReadersLanguage],
})
export class PagesModule {}
