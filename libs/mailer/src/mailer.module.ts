import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Configuration } from '@usher/config';
import { Housekeeping } from '@usher/database';
import { MailAttempts } from './mail-attempts.js';
import { MailChannel } from './mail-channel.js';
import { MailClaims } from './mail-claims.js';
import { MailDispatcher } from './mail-dispatcher.js';
import { MailEvents } from './mail-events.js';
import { MailOutcomes } from './mail-outcomes.js';
import { MailRendering } from './mail-rendering.js';
import { MailSending } from './mail-sending.js';
import { MailTransport } from './mail-transport.js';
import { MailRefusals } from './mail-refusals.js';
import { Mailbox } from './mailbox.js';
import { OLD_CONTENT, Outbox } from './outbox.js';
import { SendingCounters } from './sending-counters.js';
import { SmtpTransport } from './smtp-transport.js';

/** Mails from the outbox to an SMTP server, or to the mailbox page when there is none. */
@Global()
@Module({})
export class MailerModule {
  constructor(housekeeping: Housekeeping) {
    housekeeping.register('old mail', OLD_CONTENT);
  }

  static forRoot(configuration: Configuration): DynamicModule {
    const bySmtp = configuration.mailChannel === 'smtp';
    return {
      module: MailerModule,
      providers: [
        Outbox,
        SendingCounters,
        MailChannel,
        MailAttempts,
        MailClaims,
        MailDispatcher,
        MailEvents,
        MailRendering,
        MailOutcomes,
        MailSending,
        MailRefusals,
        Mailbox,
        bySmtp ? { provide: MailTransport, useClass: SmtpTransport } : { provide: MailTransport, useExisting: Mailbox },
      ],
      exports: [Outbox, SendingCounters, Mailbox, MailChannel, MailDispatcher, MailEvents, MailRefusals, MailRendering],
    };
  }
}
