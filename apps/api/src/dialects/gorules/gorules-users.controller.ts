import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Idempotent, ToleratesUnknown } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, SignedIn } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { PeopleRepository } from './people.repository.js';
import { InCredentialsOrganisation } from './credentials-organisation.js';
import { GorulesInvitationDto, GorulesInviteDto, GorulesPageQuery, GorulesPaginationDto } from './gorules.dto.js';
import { GorulesInvitationsService } from './gorules-invitations.service.js';
import { pageOf } from './gorules-mapping.js';
import { GorulesUserDto, GorulesUserPageDto } from './gorules-user.dto.js';

@ApiTags('GoRules')
@ToleratesUnknown()
@Controller('api/users')
export class GorulesUsersController {
  constructor(
    private readonly invitations: GorulesInvitationsService,
    private readonly people: PeopleRepository,
  ) {}

  /**
   * Sends an invitation again. It gets a new link and a new expiry. From the second time on at most once a minute
   * (429).
   */
  @Post(':userId/invitation')
  @HttpCode(200)
  @SignedIn()
  @InCredentialsOrganisation('invitations:manage')
  @Idempotent()
  send(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Param('userId') userId: string,
  ): Promise<GorulesInvitationDto> {
    return this.invitations.send(caller, organisationId, userId);
  }

  /**
   * Invites up to ten people as members, in order. People who are invited already get the mail again; members get none.
   */
  @Post()
  @HttpCode(200)
  @SignedIn()
  @InCredentialsOrganisation('invitations:manage')
  @Idempotent({ inParts: true })
  invite(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Body() { emails }: GorulesInviteDto,
  ): Promise<GorulesInvitationDto[]> {
    return this.invitations.invite(caller, organisationId, emails);
  }

  /** Lists members and invited people, oldest first. Needs `members:read` as well. */
  @Get()
  @SignedIn()
  @InCredentialsOrganisation('invitations:read', 'members:read')
  async list(
    @CurrentOrganisation() organisationId: string,
    @Query() query: GorulesPageQuery,
  ): Promise<GorulesUserPageDto> {
    const page = pageOf(query);
    const { data, total } = await this.people.list(organisationId, page);
    return {
      results: data.map((person) => GorulesUserDto.from(person)),
      paginate: GorulesPaginationDto.of(page, data.length, total),
    };
  }
}
