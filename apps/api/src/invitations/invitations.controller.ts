import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Idempotent, Json } from '@usher/http';
import { CurrentCaller, FoundAlong, RequirePermission } from '../access/access.decorators.js';
import type { Caller } from '../access/caller.js';
import { InvitationChangesService } from './invitation-changes.service.js';
import { InvitationReader } from './invitation-reader.js';
import { invitationAlong, type ShownInvitation } from './invitation-reader.sql.js';
import { InvitationDto } from './invitation.dto.js';
import { ChangeInvitationDto, ResendInvitationDto } from './invite.dto.js';

@ApiTags('invitations')
@Controller('invitations/:invitationId')
export class InvitationsController {
  constructor(
    private readonly changes: InvitationChangesService,
    private readonly reader: InvitationReader,
  ) {}

  /** Shows one invitation, with what became of its mail. */
  @Get()
  @RequirePermission('invitations:read', invitationAlong)
  @ApiOkResponse({ type: InvitationDto })
  get(
    @Param('invitationId') id: string,
    @FoundAlong() found: ShownInvitation | undefined,
  ): Json<InvitationDto> | Promise<Json<InvitationDto>> {
    return found ? new Json(found.shown) : this.reader.show(id);
  }

  /** Changes an open invitation; changed grants rotate the link and send a new mail. A lapsed one comes back to life. */
  @Patch()
  @RequirePermission('invitations:manage')
  @ApiOkResponse({ type: InvitationDto })
  async change(
    @CurrentCaller() caller: Caller,
    @Param('invitationId') id: string,
    @Body() changes: ChangeInvitationDto,
  ): Promise<Json<InvitationDto>> {
    await this.changes.change(caller, id, changes);
    return this.reader.show(id);
  }

  /** Revokes an open invitation; its link is dead. */
  @Delete()
  @HttpCode(204)
  @RequirePermission('invitations:manage')
  async revoke(@CurrentCaller() caller: Caller, @Param('invitationId') id: string): Promise<void> {
    await this.changes.revoke(caller, id);
  }

  /** Sends a new link with a new expiry; the old link is dead. From the second time on at most once a minute (429). */
  @Post('resend')
  @HttpCode(200)
  @RequirePermission('invitations:manage')
  @Idempotent()
  async resend(
    @CurrentCaller() caller: Caller,
    @Param('invitationId') id: string,
    @Body() { sendEmail }: ResendInvitationDto,
  ): Promise<InvitationDto> {
    return this.reader.issued(await this.changes.resend(caller, id, sendEmail));
  }
}
