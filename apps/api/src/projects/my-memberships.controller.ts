import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type FoundPage, type Json, PageQuery } from '@usher/http';
import { CurrentCaller, FoundAlong, SignedIn } from '../access/access.decorators.js';
import type { Person } from '../access/caller.js';
import { firstPageAlong } from '../access/read-along.js';
import { MembershipPageDto } from './membership.dto.js';
import { MyMembershipsService } from './my-memberships.service.js';
import { membershipsOf } from './my-memberships.sql.js';

@ApiTags('me')
@Controller('me/memberships')
export class MyMembershipsController {
  constructor(private readonly memberships: MyMembershipsService) {}

  /** Lists where you are a member, with your roles there, longest first. */
  @Get()
  @SignedIn('person', firstPageAlong('memberships', membershipsOf(['m.user_id = access."userId"'])))
  @ApiOkResponse({ type: MembershipPageDto })
  list(
    @CurrentCaller() caller: Person,
    @Query() query: PageQuery,
    @FoundAlong() found: FoundPage | undefined,
  ): Promise<Json<MembershipPageDto>> {
    return this.memberships.list(caller.id, query, found);
  }
}
