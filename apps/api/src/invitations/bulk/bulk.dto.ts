import { Optional, QueryFlag } from '@usher/http';
import { ApiProperty, PickType } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean } from 'class-validator';
import { ProblemDto } from '../../openapi/problem.dto.js';
import { InvitationDto } from '../invitation.dto.js';
import { InviteToOrganisationDto } from '../invite.dto.js';

export const MOST_ROWS = 1_000;
/** Of all rows together: a hundred in each of a thousand rows would keep everybody waiting for seconds. */
export const MOST_GRANTS = 10_000;

/** Invitations to one organisation; each is judged on its own. */
export class BulkInvitationsDto {
  /** 1 to 1,000, each as it would be sent alone. */
  @ApiProperty({ minItems: 1, maxItems: MOST_ROWS })
  @IsArray()
  @ArrayMaxSize(MOST_ROWS)
  @ArrayMinSize(1)
  invitations: InviteToOrganisationDto[];

  /** `true`: answers what would become of each row, and changes and sends nothing. */
  @Optional()
  @IsBoolean()
  dryRun?: boolean = false;
}

export class BulkInvitationsQuery {
  /** The same as in a JSON body; for CSV. */
  @Optional()
  @QueryFlag()
  dryRun?: boolean = false;
}

export const OUTCOMES = ['created', 'updated', 'skipped', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a row was skipped or failed: what a request with this row alone would be answered. */
export class RowProblemDto extends PickType(ProblemDto, [
  'status',
  'code',
  'detail',
  'errors',
  'invitationId',
  'limit',
  'members',
  'pending',
]) {
  /** The row that has the same address; with `duplicate_in_request`. */
  firstIndex?: number;

  /** Seconds to wait before asking again; with status 429. */
  retryAfter?: number;
}

/** What became of a row. */
export class BulkResultDto {
  /** Its place in the request, from 0; in CSV the first row after the header is 0, and empty lines do not count. */
  index: number;

  /** As the invitation has it, or as the row said it; null when it said nothing of the kind. */
  email: string | null;

  /** `updated`: an open invitation now grants this instead. `skipped`: nothing to do, the person has it already or an open invitation grants it. */
  outcome: Outcome;

  /** As it is now; not with `failed`, nor where nothing exists. What this request did not write is left out without `invitations:read`. */
  invitation?: InvitationDto;

  /** With `skipped` and `failed`. */
  problem?: RowProblemDto;
}

export class BulkResultsDto {
  /** In the order of the request. */
  results: BulkResultDto[];
}
