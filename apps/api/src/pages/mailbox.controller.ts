import { isIP } from 'node:net';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Configuration } from '@usher/config';
import { problem } from '@usher/http';
import { Mailbox } from '@usher/mailer';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorators.js';
import { sendAsset } from './pages.controller.js';

/** A mail may style itself, show its logo and open its link, and nothing else. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src https:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";

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
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.refuseWhenMailLeaves();
    this.refuseForeignHost(request);
    const { accept = '' } = request.headers;
    if (!accept.includes('application/json')) return sendAsset(request, reply, 'mailbox.html');
    const mails = await this.mailbox.latest();
    const data = mails.map(({ to, id, at, replyTo, subject, text, html }) => {
      return { id, at, to: to.address, replyTo, subject, text, html };
    });
    void reply.send({ data });
  }

  /** One mail as HTML, for a sandboxed frame; its link opens outside the frame. */
  @Get(':id')
  @Public()
  async html(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    this.refuseWhenMailLeaves();
    this.refuseForeignHost(request);
    const mail = (await this.mailbox.latest()).find((each) => each.id === id);
    if (!mail) throw problem(404, 'not_found', 'There is no such mail.');
    const html = mail.html.replace('<head>', '<head><base target="_top">');
    void reply
      .header('Content-Security-Policy', MAIL_POLICY)
      .header('X-Frame-Options', 'SAMEORIGIN')
      .type('text/html; charset=utf-8')
      .send(html);
  }

  /** A page elsewhere, whose name was made to lead here, must not read the mails of a developer's machine. */
  private refuseForeignHost({ hostname }: FastifyRequest): void {
    const own = URL.canParse(this.configuration.publicUrl) ? new URL(this.configuration.publicUrl).hostname : '';
    if (hostname === own || isIP(hostname.replace(/[[\]]/g, '')) > 0 || hostname === 'localhost') return;
    throw problem(403, 'forbidden', 'The mailbox is read under localhost, an IP address, or the host of PUBLIC_URL.');
  }

  private refuseWhenMailLeaves(): void {
    if (this.configuration.mailChannel === 'mailbox') return;
    throw problem(404, 'not_found', 'There is a mailbox only without SMTP, and outside production.');
  }
}
