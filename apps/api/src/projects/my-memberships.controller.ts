import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type Json, PageQuery } from '@usher/http';
import { CurrentCaller, SignedIn } from '../access/access.decorators.js';
import type { Person } from '../access/caller.js';
import { MembershipPageDto } from './membership.dto.js';
import { MyMembershipsService } from './my-memberships.service.js';

@ApiTags('me')
@Controller('me/memberships')
export class MyMembershipsController {
  constructor(private readonly memberships: MyMembershipsService) {}

  /** Lists your memberships, with your roles, oldest first. */
  @Get()
  @SignedIn('person')
  @ApiOkResponse({ type: MembershipPageDto })
  list(@CurrentCaller() caller: Person, @Query() query: PageQuery): Promise<Json<MembershipPageDto>> {
    return this.memberships.list(caller.id, query);
  }
}
