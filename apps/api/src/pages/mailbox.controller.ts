import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Configuration } from '@usher/config';
import { problem } from '@usher/http';
import { Mailbox } from '@usher/mailer';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/access.decorators.js';
import { sendAsset } from './pages.controller.js';

/** A mail may style itself and open its link, and nothing else. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";

/** The mails that would have been sent: without SMTP and outside production only. */
@ApiExcludeController()
@Controller('mailbox')
export class MailboxController {
  constructor(
    private readonly configuration: Configuration,
    private readonly mailbox: Mailbox,
  ) {}

  /** The page, or with `Accept: application/json` the mails themselves, newest first. */
  @Get()
  @Public()
  async list(@Res() reply: FastifyReply, @Headers('accept') accept = ''): Promise<void> {
    this.refuseWhenMailLeaves();
    if (!accept.includes('application/json')) return sendAsset(reply, 'mailbox.html');
    const mails = await this.mailbox.latest();
    const data = mails.map(({ id, at, to, subject, text, html }) => ({ id, at, to: to.address, subject, text, html }));
    void reply.send({ data });
  }

  /** One mail as HTML, for a sandboxed frame; its link opens outside the frame. */
  @Get(':id')
  @Public()
  async html(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    this.refuseWhenMailLeaves();
    const mail = (await this.mailbox.latest()).find((each) => each.id === id);
    if (!mail) throw problem(404, 'not_found', 'There is no such mail.');
    const html = mail.html.replace('<head>', '<head><base target="_top">');
    void reply
      .header('Content-Security-Policy', MAIL_POLICY)
      .header('X-Frame-Options', 'SAMEORIGIN')
      .type('text/html; charset=utf-8')
      .send(html);
  }

  private refuseWhenMailLeaves(): void {
    if (this.configuration.mailChannel === 'mailbox') return;
    throw problem(404, 'not_found', 'There is a mailbox only without SMTP, and outside production.');
  }
}
