import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { BackgroundWork } from '@usher/http';
import { CurrentCaller, Public } from '../../access/access.decorators.js';
import type { Person } from '../../access/caller.js';
import { AcceptInvitation } from '../accept/accept-invitation.js';
import { EndInvitations } from '../end/end-invitations.js';
import { AcceptedDto, AcceptInvitationDto, InvitationLookupDto, TokenDto } from '../invitee.dto.js';
import { InviteeService } from '../invitee.service.js';
import { RenewalRequestsService } from '../email/renewal-requests.service.js';

@ApiTags('the invitee')
@Controller('invitations')
export class InviteeController {
  constructor(
    private readonly invitees: InviteeService,
    private readonly acceptances: AcceptInvitation,
    private readonly ends: EndInvitations,
    private readonly renewals: RenewalRequestsService,
    private readonly background: BackgroundWork,
  ) {}

  /** Shows what a link invites to. Unknown, spent, revoked and lapsed links answer the same 410. */
  @Post('lookup')
  @HttpCode(200)
  @Public()
  lookup(@Body() { token }: TokenDto): Promise<InvitationLookupDto> {
    return this.invitees.lookup(token);
  }

  /**
   * Accepts an invitation. Without an account, send a name and a password; otherwise sign in as the invited person
   * first.
   */
  @Post('accept')
  @HttpCode(200)
  @Public('session')
  accept(@CurrentCaller() caller: Person | undefined, @Body() acceptance: AcceptInvitationDto): Promise<AcceptedDto> {
    return this.acceptances.accept(caller, acceptance);
  }

  /** Declines; the link is dead from then on. */
  @Post('decline')
  @HttpCode(204)
  @Public('session')
  async decline(@Body() { token }: TokenDto): Promise<void> {
    await this.ends.decline(token);
  }

  /** Asks for a new link. The person responsible for the invitation gets a mail. The answer tells nothing. */
  @Post('renewal-requests')
  @HttpCode(202)
  @Public()
  async requestRenewal(@Body() { token }: TokenDto): Promise<void> {
    const isAllowed = await this.renewals.allows();
    await this.background.start('renewal request', async () => {
      if (isAllowed) await this.renewals.request(token);
    });
  }
}
