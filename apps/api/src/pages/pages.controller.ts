import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { problem } from '@usher/http';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/access.decorators.js';
import { PAGE_ASSETS } from './page-assets.js';

/** Everything from this origin, nothing inline, and forms go nowhere without the script: a password must not end up in an address. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The pages that the links in mails lead to. Their secret is in the fragment, which browsers do not send. */
@ApiExcludeController()
@Controller()
export class PagesController {
  /** Mail scanners and trackers add parameters to links; they are ignored. */
  @Get('join')
  @Public()
  join(@Res() reply: FastifyReply, @Query() _ignored: object): void {
    sendAsset(reply, 'join.html');
  }

  @Get('reset')
  @Public()
  reset(@Res() reply: FastifyReply, @Query() _ignored: object): void {
    sendAsset(reply, 'reset.html');
  }

  @Get('pages/:file')
  @Public()
  asset(@Res() reply: FastifyReply, @Param('file') file: string): void {
    sendAsset(reply, file);
  }
}

export function sendAsset(reply: FastifyReply, name: string): void {
  const asset = PAGE_ASSETS.get(name);
  if (!asset) throw problem(404, 'not_found', 'There is no such page.');
  void reply.header('Content-Security-Policy', PAGE_POLICY).type(asset.type).send(asset.content);
}
