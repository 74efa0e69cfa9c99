import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Idempotent, Json } from '@usher/http';
import { CurrentCaller, CurrentPlace, RequirePermission } from '../../access/access.decorators.js';
import type { Caller, Place } from '../../access/caller.js';
import { EndInvitations } from '../end/end-invitations.js';
import { InvitationViewRepository } from '../invitation-view.repository.js';
import { InvitationDto } from '../invitation.dto.js';
import { ChangeInvitationDto, changeRequest, ResendInvitationDto } from '../invite.dto.js';
import { IssueInvitations } from '../issue/issue-invitations.js';

@ApiTags('invitations')
@Controller('invitations/:invitationId')
export class InvitationsController {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly ends: EndInvitations,
    private readonly reader: InvitationViewRepository,
  ) {}

  /** Shows one invitation, with what became of its mail. */
  @Get()
  @RequirePermission('invitations:read')
  @ApiOkResponse({ type: InvitationDto })
  get(@Param('invitationId') id: string): Promise<Json<InvitationDto>> {
    return this.reader.show(id);
  }

  /**
   * Changes an open invitation. Changed grants rotate the link and send a new mail. A lapsed one comes back to life.
   */
  @Patch()
  @RequirePermission('invitations:manage')
  async change(
    @CurrentCaller() caller: Caller,
    @CurrentPlace() place: Place,
    @Param('invitationId') invitationId: string,
    @Body() changes: ChangeInvitationDto,
  ): Promise<InvitationDto> {
    const { invitation: issued } = await this.invitations.issueOne(
      caller,
      place,
      changeRequest(invitationId, changes),
      { whenPending: 'change' },
    );
    return issued;
  }

  /** Revokes an open invitation; its link is dead. */
  @Delete()
  @HttpCode(204)
  @RequirePermission('invitations:manage')
  async revoke(
    @CurrentCaller() caller: Caller,
    @CurrentPlace() place: Place,
    @Param('invitationId') id: string,
  ): Promise<void> {
    await this.ends.revoke(caller, place, id);
  }

  /** Sends a new link with a new expiry; the old link is dead. From the second time on at most once a minute (429). */
  @Post('resend')
  @HttpCode(200)
  @RequirePermission('invitations:manage')
  @Idempotent()
  async resend(
    @CurrentCaller() caller: Caller,
    @CurrentPlace() place: Place,
    @Param('invitationId') invitationId: string,
    @Body() { sendEmail }: ResendInvitationDto,
  ): Promise<InvitationDto> {
    const { invitation: issued } = await this.invitations.issueOne(
      caller,
      place,
      { invitationId, sendEmail },
      { whenPending: 'resend' },
    );
    return issued;
  }
}
