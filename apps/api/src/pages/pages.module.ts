import { Module } from '@nestjs/common';
import { PlatformModule } from '../platform/platform.module.js';
import { MailboxController } from './mailbox.controller.js';
import { PagesController } from './pages.controller.js';
import { ReadersLanguage } from './readers-language.js';

/** What people see: join, reset, and the mailbox for trying things out. */
@Module({
  imports: [PlatformModule],
  controllers: [PagesController, MailboxController],
  providers: [ReadersLanguage],
})
export class PagesModule {}
