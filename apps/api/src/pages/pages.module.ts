import { Module } from '@nestjs/common';
import { MailboxController } from './mailbox.controller.js';
import { PagesController } from './pages.controller.js';

/** What people see: join, reset, and the mailbox for trying things out. */
@Module({ controllers: [PagesController, MailboxController] })
export class PagesModule {}
