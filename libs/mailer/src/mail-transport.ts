import { type ISendMailOptions, MailerService } from '@nestjs-modules/mailer';
import { Injectable, Logger } from '@nestjs/common';
import type { RenderedMail } from './mail-rendering.js';
import { type OutgoingMail, Passage } from './passage.js';
import { type SmtpError, verdictOn, withoutSecrets } from './smtp-answers.js';

/** Shorter than the lease of an attempt, so that nobody else begins the same one. */
const LONGEST_SENDING = 45_000;

/** Hands mails to `MailerService`, and says what its errors mean. */
@Injectable()
export class MailTransport {
  private readonly logger = new Logger(MailTransport.name);

  constructor(private readonly mailer: MailerService) {}

  /**
   * Resolves when the mail was taken over; rejects with `MailRefused`, `MailDelayed`, `ChannelTrouble` or `MailUnwanted`.
   * `isWanted` is asked as late as possible, before a word of the mail leaves.
   */
  async send(mail: RenderedMail, isWanted: () => Promise<boolean>): Promise<void> {
    const passage = new Passage(isWanted);
    const signal = AbortSignal.timeout(LONGEST_SENDING);
    const outgoing: OutgoingMail = { ...marked(mail), passage, signal };
    try {
      await this.mailer.sendMail(outgoing);
    } catch (error) {
      if (passage.ended) throw passage.ended.reason;
      this.logger.warn(`${mail.messageId} was not taken: ${withoutSecrets(String(error))}`);
      throw verdictOn(error as SmtpError, passage.stage); // as: its fields are optional
    }
  }
}

/** By what providers and bounces name the mail again, and where no more are asked for. What bounces comes back without its body, which holds the link. */
function marked({ id, unsubscribe, ...message }: RenderedMail): ISendMailOptions {
  const oneClick = { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  return {
    ...message,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-PM-Metadata-usher-mail': id,
      ...(unsubscribe ? oneClick : {}),
    },
    dsn: { envid: id, ret: 'HDRS' },
  };
}
