import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PageQuery } from '@usher/http';
import { CurrentCaller, SignedIn } from '../../access/access.decorators.js';
import type { Person } from '../../access/caller.js';
import { AcceptInvitation } from '../accept/accept-invitation.js';
import { EndInvitations } from '../end/end-invitations.js';
import { AcceptedDto, MyInvitationPageDto } from '../invitee.dto.js';
import { InviteeService } from '../invitee.service.js';

@ApiTags('me')
@Controller('me/invitations')
export class MyInvitationsController {
  constructor(
    private readonly invitees: InviteeService,
    private readonly acceptances: AcceptInvitation,
    private readonly ends: EndInvitations,
  ) {}

  /** Lists open invitations to your address. Empty until the address is proven to be yours. */
  @Get()
  @SignedIn('person')
  list(@CurrentCaller() caller: Person, @Query() query: PageQuery): Promise<MyInvitationPageDto> {
    return this.invitees.mine(caller, query);
  }

  /** Accepts an invitation to your address, without its link. */
  @Post(':id/accept')
  @HttpCode(200)
  @SignedIn('session')
  accept(@CurrentCaller() caller: Person, @Param('id') id: string): Promise<AcceptedDto> {
    return this.acceptances.acceptMine(caller, id);
  }

  /** Declines an invitation to your address, without its link. */
  @Post(':id/decline')
  @HttpCode(204)
  @SignedIn('session')
  async decline(@CurrentCaller() caller: Person, @Param('id') id: string): Promise<void> {
    await this.ends.declineMine(caller, id);
  }
}
