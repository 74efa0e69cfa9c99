import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MailerModule as SmtpModule } from '@nestjs-modules/mailer';
import { Configuration } from '@usher/config';
import { MailDispatcher } from './mail-dispatcher.js';
import { MailRendering } from './mail-rendering.js';
import { MailTransport } from './mail-transport.js';
import { Mailbox } from './mailbox.js';
import { Outbox } from './outbox.js';
import { SmtpTransport } from './smtp-transport.js';

const PATIENCE = 20_000;

/** Mails from the outbox to an SMTP server, or to the mailbox page when there is none. */
@Global()
@Module({})
export class MailerModule {
  static forRoot(configuration: Configuration): DynamicModule {
    const bySmtp = configuration.mailChannel === 'smtp';
    return {
      module: MailerModule,
      imports: bySmtp ? [SmtpModule.forRoot({ transport: smtpOptions(configuration) })] : [],
      providers: [
        Outbox,
        MailDispatcher,
        MailRendering,
        Mailbox,
        bySmtp ? { provide: MailTransport, useClass: SmtpTransport } : { provide: MailTransport, useExisting: Mailbox },
      ],
      exports: [Outbox, Mailbox, MailDispatcher],
    };
  }
}

const smtpOptions = (configuration: Configuration): object => ({
  url: configuration.SMTP_URL,
  pool: true,
  maxConnections: 5,
  connectionTimeout: PATIENCE,
  greetingTimeout: PATIENCE,
  socketTimeout: PATIENCE,
  disableFileAccess: true,
  disableUrlAccess: true,
});
