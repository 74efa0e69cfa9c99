import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { problem } from '@usher/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorators.js';
import { PAGE_ASSETS } from './page-assets.js';
import { type PageName, renderPage } from './page-rendering.js';
import { ReadersLanguage } from './readers-language.js';

/** Everything from this origin, nothing inline, and forms go nowhere without the script: a password must not end up in an address. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The pages that the links in mails lead to. Their secret is in the fragment, which browsers do not send. */
@ApiExcludeController()
@Controller()
export class PagesController {
  constructor(private readonly languages: ReadersLanguage) {}

  /** Mail scanners and trackers add parameters to links; they are ignored. */
  @Get('join')
  @Public()
  join(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _ignored: object): Promise<void> {
    return this.sendPage(request, reply, 'join');
  }

  @Get('reset')
  @Public()
  reset(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _ignored: object): Promise<void> {
    return this.sendPage(request, reply, 'reset');
  }

  /** Looking changes nothing: scanners look at every link. */
  @Get('opt-out')
  @Public()
  optOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _ignored: object): Promise<void> {
    return this.sendPage(request, reply, 'opt-out');
  }

  @Get('pages/:file')
  @Public()
  asset(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('file') file: string): Promise<void> {
    return sendAsset(request, reply.header('Cache-Control', 'public, no-cache'), file);
  }

  private async sendPage({ headers }: FastifyRequest, reply: FastifyReply, page: PageName): Promise<void> {
    const language = await this.languages.of(headers['accept-language']);
    const vary = [reply.getHeader('Vary'), 'Accept-Language'].filter(Boolean).join(', ');
    void reply.header('Content-Language', language.tag).header('Vary', vary);
    void reply.header('Content-Security-Policy', PAGE_POLICY);
    void reply.type('text/html; charset=utf-8').send(renderPage(page, language));
  }
}

export async function sendAsset(request: FastifyRequest, reply: FastifyReply, name: string): Promise<void> {
  const asset = PAGE_ASSETS.get(name);
  if (!asset) throw problem(404, 'not_found', 'There is no such page.');
  await asset.send(request, reply.header('Content-Security-Policy', PAGE_POLICY));
}
