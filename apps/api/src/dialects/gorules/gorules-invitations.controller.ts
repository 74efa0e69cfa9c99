import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ToleratesUnknown } from '@usher/http';
import { CurrentOrganisation, SignedIn } from '../../access/access.decorators.js';
import { InvitationViewRepository } from '../../invitations/invitation-view.repository.js';
import { InCredentialsOrganisation } from './credentials-organisation.js';
import { GorulesInvitationPageDto, GorulesInvitationQuery, GorulesPaginationDto } from './gorules.dto.js';
import { invitationListed, pageOf } from './gorules-mapping.js';

@ApiTags('GoRules')
@ToleratesUnknown()
@Controller('api/invitations')
export class GorulesInvitationsController {
  constructor(private readonly reader: InvitationViewRepository) {}

  /** Lists pending and accepted invitations, newest first. */
  @Get()
  @SignedIn()
  @InCredentialsOrganisation('invitations:read')
  async list(
    @CurrentOrganisation() organisationId: string,
    @Query() query: GorulesInvitationQuery,
  ): Promise<GorulesInvitationPageDto> {
    const page = pageOf(query);
    const { data, total } = await this.reader.numbered(organisationId, page);
    return { results: data.map(invitationListed), paginate: GorulesPaginationDto.of(page, data.length, total) };
  }
}
