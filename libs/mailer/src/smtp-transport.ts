import { Readable } from 'node:stream';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration, isLoopback } from '@usher/config';
import { createTransport, type Transporter } from 'nodemailer';
import { AT_ONCE } from './mail-channel.js';
import type { RenderedMail } from './mail-rendering.js';
import { MailTransport, MailUnwanted } from './mail-transport.js';
import { mailNamedBy } from './message-id.js';
import { type SmtpError, type Stage, verdictOn, withoutSecrets } from './smtp-answers.js';

/** Shorter than the lease of an attempt, so that nobody else begins the same one. */
const LONGEST_SENDING = 45_000;
const PATIENCE = 20_000;

/** By SMTP, over connections that stay open. */
@Injectable()
export class SmtpTransport extends MailTransport implements OnApplicationShutdown {
  private readonly logger = new Logger(SmtpTransport.name);
  private readonly connections: Transporter;

  constructor(configuration: Configuration) {
    super();
    this.connections = createTransport(smtpOptions(configuration));
    this.connections.use('stream', throughItsPassage);
  }

  /** By then, what was being sent has arrived. */
  onApplicationShutdown(): void {
    this.connections.close();
  }

  async send(mail: RenderedMail, isWanted: () => Promise<boolean>): Promise<void> {
    const passage = new Passage(isWanted);
    const signal = AbortSignal.timeout(LONGEST_SENDING);
    try {
      const attempt = { ...mail, ...markedWith(mailNamedBy(mail.messageId), mail.unsubscribe), passage, signal };
      await this.connections.sendMail(attempt);
    } catch (error) {
      if (passage.ended) throw passage.ended.reason;
      this.logger.warn(`${mail.messageId} was not taken: ${withoutSecrets(String(error))}`);
      throw verdictOn(error as SmtpError, passage.stage); // as: its fields are optional
    }
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

/** By what providers and bounces name the mail again, and where no more are asked for. What bounces comes back without its body, which holds the link. */
function markedWith(mailId: string | null, unsubscribe: string | undefined): object {
  const oneClick = { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  return {
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-PM-Metadata-usher-mail': mailId,
      ...(unsubscribe ? oneClick : {}),
    },
    dsn: { id: mailId, return: 'headers' },
  };
}

/** nodemailer's message, as its plugins see it. */
interface Outgoing {
  data: object;
  message: { processFunc(process: (content: Readable) => Readable): void };
}

/** nodemailer plugin: lets the content of every mail through its passage. */
function throughItsPassage({ data, message }: Outgoing, done: () => void): void {
  if ('passage' in data && data.passage instanceof Passage) message.processFunc(data.passage.open);
  done();
}

/** The way of one mail to the server: how far it got, and the last moment at which it can be held back. */
class Passage {
  stage: Stage = 'connecting';
  /** Set when the mail was held back here. */
  ended: { reason: unknown } | null = null;

  constructor(private readonly isWanted: () => Promise<boolean>) {}

  /** nodemailer asks for the content once it has a session, and begins to read when the server waits for it. */
  readonly open = (content: Readable): Readable => {
    this.stage = 'session';
    return Readable.from(this.whenWanted(content), { objectMode: false });
  };

  private async *whenWanted(content: Readable): AsyncGenerator<Buffer> {
    try {
      if (!(await this.isWanted())) throw new MailUnwanted();
    } catch (reason) {
      this.ended = { reason };
      throw reason;
    }
    this.stage = 'content';
    yield* content as AsyncIterable<Buffer>; // as: nodemailer makes it of buffers
  }
}
