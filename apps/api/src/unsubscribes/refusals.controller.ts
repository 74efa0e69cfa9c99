import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../access/access.decorators.js';
import { ChangeRefusalsDto, OptOutTokenDto, RefusalsDto } from './refusals.dto.js';
import { RefusalsService } from './refusals.service.js';

@ApiTags('the invitee')
@Controller('invitations/refusals')
export class RefusalsController {
  constructor(private readonly refusals: RefusalsService) {}

  /** Shows whose invitations the recipient of a mail refuses. */
  @Post('lookup')
  @HttpCode(200)
  @Public()
  lookup(@Body() { token }: OptOutTokenDto): Promise<RefusalsDto> {
    return this.refusals.lookup(token);
  }

  /**
   * Unsubscribes from invitations, or subscribes again. From one organisation or from the whole installation; reminders
   * are included. Mails about an account still come.
   */
  @Post()
  @HttpCode(204)
  @Public()
  async change(@Body() { token, organisation, platform }: ChangeRefusalsDto): Promise<void> {
    await this.refusals.change(token, { organisation, platform });
  }
}
