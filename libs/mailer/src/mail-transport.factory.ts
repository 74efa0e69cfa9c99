import { isIP } from 'node:net';
import type { MailerOptions, MailerTransportFactory } from '@nestjs-modules/mailer';
import { type Configuration, isLoopback } from '@usher/config';
import { createTransport, type MailMessage, type SMTPPoolOptions, type Transporter } from 'nodemailer';
import { AT_ONCE } from './mail-channel.js';
import type { Mailbox } from './mailbox.js';
import { Passage } from './passage.js';

const PATIENCE = 20_000;

/** For `MailerModule`: an SMTP server, or the mailbox page when there is none. */
export const mailerOptions = (configuration: Configuration, mailbox: Mailbox): MailerOptions => ({
  transport: configuration.mailChannel === 'smtp' ? smtpOptions(configuration) : mailbox,
});

/** For `MailerService`: lets the content of every mail through its passage. */
export class MailTransportFactory implements MailerTransportFactory {
  createTransport(transport: SMTPPoolOptions | Mailbox): Transporter {
    return createTransport(transport).use('stream', throughItsPassage);
  }
}

const smtpOptions = (configuration: Configuration): SMTPPoolOptions => ({
  url: configuration.SMTP_URL,
  name: ownName(configuration),
  pool: true,
  requireTLS: needsTls(configuration),
  ...(isLocal(configuration) ? { tls: { rejectUnauthorized: false } } : {}), // SMTP_URL may say otherwise
  maxConnections: AT_ONCE,
  maxRequeues: 1,
  connectionTimeout: PATIENCE,
  greetingTimeout: PATIENCE,
  socketTimeout: PATIENCE,
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** How Usher greets: relays refuse a name that is not a full one. `?name=` in SMTP_URL goes before it. */
function ownName({ publicUrl }: Configuration): string | undefined {
  const { hostname } = new URL(publicUrl);
  return hostname.includes('.') && !isIP(hostname) ? hostname : undefined;
}

/** Links are secrets: in production they leave encrypted, unless the server is on this machine or SMTP_URL says `?ignoreTLS=true`. */
const needsTls = (configuration: Configuration): boolean =>
  configuration.isProduction &&
  !isLocal(configuration) &&
  !/[?&]ignoreTLS=(true|1)(&|$)/i.test(configuration.SMTP_URL ?? '');

/** Its certificate names another host, or is its own: what never leaves this machine needs none. */
const isLocal = ({ SMTP_URL = '' }: Configuration): boolean =>
  URL.canParse(SMTP_URL) && isLoopback(new URL(SMTP_URL).hostname);

function throughItsPassage({ data, message }: MailMessage, done: () => void): void {
  if ('passage' in data && data.passage instanceof Passage) message.processFunc(data.passage.open);
  done();
}
