import { Injectable, Logger } from '@nestjs/common';
import { MailerService } from '@nestjs-modules/mailer';
import type { RenderedMail } from './mail-rendering.js';
import { MailDelayed, MailRefused, MailTransport } from './mail-transport.js';

/** nodemailer's errors about this recipient or this content; all others are about the connection. */
const ABOUT_THIS_MAIL = ['EENVELOPE', 'EMESSAGE'];
/** Servers that refuse a link may quote it. */
const SECRET = /(token=(?:3D)?)[\w=-]+/gi;

@Injectable()
export class SmtpTransport extends MailTransport {
  private readonly logger = new Logger(SmtpTransport.name);

  constructor(private readonly mailer: MailerService) {
    super();
  }

  async send(mail: RenderedMail): Promise<void> {
    try {
      await this.mailer.sendMail({ ...mail, headers: headersOf(mail) });
    } catch (error) {
      this.logger.warn(`${mail.messageId} was not taken: ${withoutSecrets(String(error))}`);
      throw inWords(error as SmtpError); // as: nodemailer rejects with such errors, or with plain ones that lack the fields
    }
  }
}

const headersOf = ({ unsubscribe }: RenderedMail): Record<string, string> => ({
  'Auto-Submitted': 'auto-generated',
  ...(unsubscribe
    ? { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
    : {}),
});

interface SmtpError {
  code?: string;
  responseCode?: number;
  response?: string;
}

function inWords({ code = 'an unknown error', responseCode = 0, response = '' }: SmtpError): Error {
  if (!ABOUT_THIS_MAIL.includes(code))
    return new MailDelayed(`The mail server cannot be used at this moment (${code})`, code);
  const words = `The mail server answered: ${withoutSecrets(response)}`;
  return responseCode >= 500 ? new MailRefused(words) : new MailDelayed(words, null);
}

const withoutSecrets = (text: string): string => text.replace(SECRET, '$1[redacted]');
