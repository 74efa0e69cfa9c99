import { Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Takes, ToleratesUnknown } from '@usher/http';
import { Public } from '../access/access.decorators.js';
import { OptOutToken } from '../unsubscribes/refusals.dto.js';
import { RefusalsService } from '../unsubscribes/refusals.service.js';

/** Trackers may have added to the address. */
@ToleratesUnknown()
export class OneClickQuery {
  @OptOutToken()
  token: string;
}

/** The button "unsubscribe" of mail clients (RFC 8058): one POST, without a person to look at a page, to an address that works alone. */
@ApiExcludeController()
@Controller('opt-out')
export class OptOutController {
  constructor(private readonly refusals: RefusalsService) {}

  /** Nothing more from where the mail came from. What the body says does not matter: that it is a POST is the wish. */
  @Post()
  @HttpCode(204)
  @Public()
  @Takes('application/x-www-form-urlencoded', 'multipart/form-data')
  async refuse(@Query() { token }: OneClickQuery): Promise<void> {
    await this.refusals.refuse(token);
  }
}
