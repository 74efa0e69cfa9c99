import { Injectable } from '@nestjs/common';
import { MailerService } from '@nestjs-modules/mailer';
import type { RenderedMail } from './mail-rendering.js';
import { MailRefusal, MailTransport } from './mail-transport.js';

/** Errors that speak of this recipient or this content, not of the connection. */
const ABOUT_THIS_MAIL = ['EENVELOPE', 'EMESSAGE'];

@Injectable()
export class SmtpTransport extends MailTransport {
  constructor(private readonly mailer: MailerService) {
    super();
  }

  async send(mail: RenderedMail): Promise<void> {
    try {
      await this.mailer.sendMail({ ...mail, headers: { 'Auto-Submitted': 'auto-generated' } });
    } catch (error) {
      const {
        code = '',
        responseCode = 0,
        response,
      } = error as { code?: string; responseCode?: number; response?: string }; // as: nodemailer's error fields
      if (ABOUT_THIS_MAIL.includes(code) && responseCode >= 500) throw new MailRefusal(response ?? String(error));
      throw error;
    }
  }
}
