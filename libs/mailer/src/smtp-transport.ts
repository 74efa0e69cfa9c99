import { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { MailerService } from '@nestjs-modules/mailer';
import type { RenderedMail } from './mail-rendering.js';
import { MailTransport, MailUnwanted } from './mail-transport.js';
import { mailNamedBy } from './message-id.js';
import { type SmtpError, type Stage, verdictOn, withoutSecrets } from './smtp-answers.js';

/** Shorter than the lease of an attempt, so that nobody else begins the same one. */
const LONGEST_SENDING = 45_000;

@Injectable()
export class SmtpTransport extends MailTransport {
  private readonly logger = new Logger(SmtpTransport.name);

  constructor(private readonly mailer: MailerService) {
    super();
  }

  async send(mail: RenderedMail, isWanted: () => Promise<boolean>): Promise<void> {
    const passage = new Passage(isWanted);
    const signal = AbortSignal.timeout(LONGEST_SENDING);
    try {
      const attempt = { ...mail, ...markedWith(mailNamedBy(mail.messageId), mail.unsubscribe), passage, signal };
      await this.mailer.sendMail(attempt);
    } catch (error) {
      if (passage.ended) throw passage.ended.reason;
      this.logger.warn(`${mail.messageId} was not taken: ${withoutSecrets(String(error))}`);
      throw verdictOn(error as SmtpError, passage.stage); // as: its fields are optional
    }
  }
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
  data: { passage?: Passage };
  message: { processFunc(process: (content: Readable) => Readable): void };
}

/** nodemailer plugin: lets the content of every mail through its passage. */
export const throughItsPassage = {
  step: 'stream' as const,
  plugin: ({ data: { passage }, message }: Outgoing, done: () => void): void => {
    if (passage) message.processFunc((content) => passage.open(content));
    done();
  },
};

/** The way of one mail to the server: how far it got, and the last moment at which it can be held back. */
class Passage {
  stage: Stage = 'connecting';
  /** Set when the mail was held back here. */
  ended: { reason: unknown } | null = null;

  constructor(private readonly isWanted: () => Promise<boolean>) {}

  /** nodemailer asks for the content once it has a session, and begins to read when the server waits for it. */
  open(content: Readable): Readable {
    this.stage = 'session';
    return Readable.from(this.whenWanted(content), { objectMode: false });
  }

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
