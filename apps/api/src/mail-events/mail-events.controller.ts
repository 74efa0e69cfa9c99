import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiTags } from '@nestjs/swagger';
import { type TakenBody, Takes } from '@usher/http';
import { Public } from '../access/access.decorators.js';
import { KnownSender, SIGNATURE } from './known-sender.guard.js';
import { MailEventsDto, MailEventsTakenDto } from './mail-event.dto.js';
import { MailEventsService } from './mail-events.service.js';
import { REPORT } from './reported-events.js';

@ApiTags('running it')
@Controller('mail-events')
export class MailEventsController {
  constructor(private readonly mailEvents: MailEventsService) {}

  /**
   * Receives delivery reports. Events as below, webhooks of Postmark as they are, or bounces as they arrived.
   * Signed with `MAIL_EVENTS_SECRET`, or with it as the password of HTTP Basic; without the setting 404. The same again changes nothing.
   */
  @Post()
  @HttpCode(200)
  @Public()
  @UseGuards(KnownSender)
  @Takes('application/json', REPORT)
  @ApiBody({ type: MailEventsDto })
  @ApiHeader({
    name: SIGNATURE,
    required: false,
    schema: { type: 'string', pattern: '^t=\\d+,v1=[0-9a-f]{64}$' },
    description:
      '`t=` Unix seconds, `,v1=` hex HMAC-SHA-256 over these seconds, a dot and the body; at most 5 minutes off.',
  })
  take(@Body() body: TakenBody | undefined): Promise<MailEventsTakenDto> {
    return this.mailEvents.take(body);
  }
}
