import type { HttpException } from '@nestjs/common';
import type { Grants } from '../grants.js';
import type { InvitationDto } from '../invitation.dto.js';
import type { IssueContext } from './issue-context.js';
import type { InviteRequest } from './issue-request.js';
import type { Proposal } from './proposal.js';

/** What a request led to, and what was found on the way. */
export interface Outcome {
  request: InviteRequest;
  kind: 'created' | 'resent' | 'changed' | 'unchanged' | 'refused';
  /** Why it was refused, or why there was nothing to do. */
  problem?: HttpException;
  context: IssueContext;
  /** What the invitation grants; missing where the request was refused. */
  grants?: Grants;
  /** As inviters see it; missing where nothing exists, or where the caller may not read what this request did not write. */
  invitation?: InvitationDto;
}

/** The outcome of a request that was not refused. */
export interface Issued extends Outcome {
  grants: Grants;
  invitation: InvitationDto;
}

/** What became of a request by the rules. */
export interface Decision extends Pick<Outcome, 'kind' | 'problem'> {
  proposal: Proposal;
}
