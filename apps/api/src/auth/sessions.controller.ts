import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PageQuery } from '@usher/http';
import { CurrentCaller, SignedIn } from '../access/access.decorators.js';
import type { SignedInPerson } from '../access/caller.js';
import { SessionDto, SessionPageDto } from './session.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('auth')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** Lists where you are signed in, newest first. */
  @Get()
  @SignedIn('session')
  async list(@CurrentCaller() caller: SignedInPerson, @Query() query: PageQuery): Promise<SessionPageDto> {
    const page = await this.sessions.list(caller, query);
    return { ...page, data: page.data.map((session) => SessionDto.from(session, caller.sessionId)) };
  }

  /** Ends one of your sessions. It may be the current one. */
  @Delete(':id')
  @HttpCode(204)
  @SignedIn('session')
  async end(@CurrentCaller() caller: SignedInPerson, @Param('id') id: string): Promise<void> {
    await this.sessions.end(caller, id);
  }

  /** Ends all your sessions but the current one. */
  @Delete()
  @HttpCode(204)
  @SignedIn('session')
  async endOthers(@CurrentCaller() caller: SignedInPerson): Promise<void> {
    await this.sessions.endOthers(caller);
  }
}
