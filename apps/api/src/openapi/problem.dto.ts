import { ApiProperty } from '@nestjs/swagger';
import { PROBLEMS } from './problems.js';

export class InvalidFieldDto {
  /** RFC 6901 pointer as a URI fragment, such as `#/projects/0/role`; parameters are named like fields. */
  pointer: string;

  /** What is wrong, and what to do. */
  detail: string;
}

/** Why a request was refused (RFC 9457). */
export class ProblemDto {
  /** Always `about:blank`: the code says it. */
  type: string;

  /** The status in words. */
  title: string;

  status: number;

  /** The stable word that clients act on. */
  @ApiProperty({ enum: Object.keys(PROBLEMS), enumName: 'ProblemCode' })
  code: string;

  /** What happened and what to do next, for people. */
  detail: string;

  /** Finds the request in the logs; also in the header `X-Request-Id`. */
  requestId: string;

  /** Every invalid field; with `validation_failed`. */
  errors?: InvalidFieldDto[];

  /**
   * The invitation that is open already; with `invitation_pending`.
   * @format uuid
   */
  invitationId?: string | null;

  /** The plan's seats; with `seat_limit_reached`. */
  limit?: number;

  /** Seats held by active members, with `seat_limit_reached`; members who hold the role, with `role_in_use`. */
  members?: number;

  /** Seats reserved for people invited; with `seat_limit_reached`. */
  pending?: number;

  /** The masked address that the invitation is for; with `wrong_account`. */
  email?: string;

  /** How many hold it in a project; with `role_in_use`. */
  projectMembers?: number;

  /** How many open invitations give it; with `role_in_use`. */
  invitations?: number;

  /** How many API keys hold it; with `role_in_use`. */
  apiKeys?: number;
}
