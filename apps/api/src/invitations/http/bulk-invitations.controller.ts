import { Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent, LargestBody, Takes } from '@usher/http';
import { CurrentCaller, CurrentOrganisation, RequirePermission } from '../../access/access.decorators.js';
import type { Caller } from '../../access/caller.js';
import { BulkBody, type BulkRequest, SentRows } from '../bulk/bulk-body.js';
import { BulkInvitationsDto, BulkInvitationsQuery, BulkResultsDto } from '../bulk/bulk.dto.js';
import { BulkInvitationsService } from '../bulk/bulk-invitations.service.js';

const FOUR_MEBIBYTES = 4_194_304;

@ApiTags('invitations')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/invitations/bulk')
export class BulkInvitationsController {
  constructor(private readonly bulk: BulkInvitationsService) {}

  /**
   * Invites up to 1,000 people at once. From JSON or CSV of at most 4 MiB, with at most 10,000 projects in all. Each row ends as it would alone, and none stands in the way of another.
   * An open invitation that grants something else is sent again with the row's grants and names; its other fields stay.
   */
  @Post()
  @HttpCode(200)
  @RequirePermission('invitations:manage')
  @Idempotent()
  @Takes('text/csv')
  @LargestBody(FOUR_MEBIBYTES)
  @ApiBody({ type: BulkInvitationsDto })
  invite(
    @CurrentCaller() caller: Caller,
    @CurrentOrganisation() organisationId: string,
    @Query() query: BulkInvitationsQuery,
    @SentRows(BulkBody) request: BulkRequest,
  ): Promise<BulkResultsDto> {
    const dryRun = request.dryRun || query.dryRun === true;
    return this.bulk.invite(caller, organisationId, { ...request, dryRun });
  }
}
