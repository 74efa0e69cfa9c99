import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MailerModule as SmtpModule } from '@nestjs-modules/mailer';
import { Configuration, isLoopback } from '@usher/config';
import { Housekeeping } from '@usher/database';
import { MailAttempts } from './mail-attempts.js';
import { AT_ONCE, MailChannel } from './mail-channel.js';
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
import { SmtpTransport, throughItsPassage } from './smtp-transport.js';

const PATIENCE = 20_000;

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
      imports: bySmtp
        ? [SmtpModule.forRoot({ transport: smtpOptions(configuration), plugins: [throughItsPassage] })]
        : [],
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

const smtpOptions = (configuration: Configuration): object => ({
  url: configuration.SMTP_URL,
  pool: true,
  requireTLS: needsTls(configuration),
  maxConnections: AT_ONCE,
  maxRequeues: 1,
  connectionTimeout: PATIENCE,
  greetingTimeout: PATIENCE,
  socketTimeout: PATIENCE,
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** Links are secrets: in production they leave encrypted, unless the server is on this machine or SMTP_URL says `?ignoreTLS=true`. */
function needsTls({ isProduction, SMTP_URL = '' }: Configuration): boolean {
  const isLocal = URL.canParse(SMTP_URL) && isLoopback(new URL(SMTP_URL).hostname);
  return isProduction && !isLocal && !/[?&]ignoreTLS=true/i.test(SMTP_URL);
}
