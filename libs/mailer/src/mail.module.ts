import { MAILER_TRANSPORT_FACTORY, MailerModule } from '@nestjs-modules/mailer';
import { Global, Module } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { Housekeeping } from '@usher/database';
import { MailAttempts } from './mail-attempts.js';
import { MailChannel } from './mail-channel.js';
import { MailClaims } from './mail-claims.js';
import { MailDispatcher } from './mail-dispatcher.js';
import { MailEvents } from './mail-events.js';
import { MailOutcomes } from './mail-outcomes.js';
import { MailRefusals } from './mail-refusals.js';
import { MailRendering } from './mail-rendering.js';
import { MailSending } from './mail-sending.js';
import { MailTransport } from './mail-transport.js';
import { mailerOptions, MailTransportFactory } from './mail-transport.factory.js';
import { Mailbox } from './mailbox.js';
import { OLD_CONTENT, Outbox } from './outbox.js';
import { SendingCounters } from './sending-counters.js';

/** Not global: Nest ends it, once its mails have arrived, before `MailerService`, which is global, closes the connections. */
@Module({
  imports: [
    MailerModule.forRootAsync({
      imports: [], // its types ask for them
      inject: [Configuration, Mailbox],
      useFactory: mailerOptions,
      extraProviders: [{ provide: MAILER_TRANSPORT_FACTORY, useClass: MailTransportFactory }],
    }),
  ],
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
    MailTransport,
    MailRefusals,
    Mailbox,
  ],
  exports: [Outbox, SendingCounters, Mailbox, MailChannel, MailDispatcher, MailEvents, MailRefusals, MailRendering],
})
class OutboxModule {}

/** Mails from the outbox to an SMTP server, or to the mailbox page when there is none. */
@Global()
@Module({ imports: [OutboxModule], exports: [OutboxModule] })
export class MailModule {
  constructor(housekeeping: Housekeeping) {
    housekeeping.register('old mail', OLD_CONTENT);
  }
}
