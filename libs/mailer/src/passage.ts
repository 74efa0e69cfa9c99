import { Readable } from 'node:stream';
import type { ISendMailOptions } from '@nestjs-modules/mailer';
import { MailUnwanted } from './mail-errors.js';
import type { Stage } from './smtp-answers.js';

/** The way of one mail to the server: how far it got, and the last moment at which it can be held back. */
export class Passage {
  stage: Stage = 'connecting';
  /** Set when the mail was held back here. */
  ended: { reason: unknown } | null = null;

  constructor(private readonly isWanted: () => Promise<boolean>) {}

  /** Rejects when the mail is to be held back. */
  async pass(): Promise<void> {
    try {
      if (!(await this.isWanted())) throw new MailUnwanted();
    } catch (reason) {
      this.ended = { reason };
      throw reason;
    }
    this.stage = 'content';
  }

  /** nodemailer asks for the content once it has a session, and begins to read when the server waits for it. */
  readonly open = (content: Readable): Readable => {
    this.stage = 'session';
    return Readable.from(this.onceItPassed(content), { objectMode: false });
  };

  private async *onceItPassed(content: Readable): AsyncGenerator<Buffer> {
    await this.pass();
    yield* content as AsyncIterable<Buffer>; // as: nodemailer makes it of buffers
  }
}

/** What `MailerService` is given, and nodemailer shows to plugins and transports as `data`. */
export interface OutgoingMail extends ISendMailOptions {
  passage: Passage;
}
