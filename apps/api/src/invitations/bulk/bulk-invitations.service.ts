import { type HttpException, Injectable } from '@nestjs/common';
import { invalid, membersOf } from '@usher/http';
import type { Caller } from '../../access/caller.js';
import { type GrantNames, organisationPlace, projectNotFound } from '../grants.js';
import { IssueInvitations } from '../issue/issue-invitations.js';
import type { Outcome } from '../issue/issue-outcome.js';
import type { Catalogue, InviteRequest } from '../issue/issue-request.js';
import type { BulkRequest } from './bulk-body.js';
import type { BulkResultDto, BulkResultsDto } from './bulk.dto.js';
import type { Ended, Row } from './bulk-rows.js';

const OUTCOMES = {
  created: 'created',
  resent: 'updated',
  changed: 'updated',
  unchanged: 'skipped',
  refused: 'failed',
} as const;

/** Invites many people to an organisation in one transaction. Each row is treated like a single invitation. */
@Injectable()
export class BulkInvitationsService {
  constructor(private readonly invitations: IssueInvitations) {}

  async invite(
    caller: Caller,
    organisationId: string,
    { rows, ended, dryRun, namesProjectsByKey }: BulkRequest,
  ): Promise<BulkResultsDto> {
    const requests = rows.map((row) => requestOf(row, namesProjectsByKey));
    const place = organisationPlace(organisationId);
    const outcomes = await this.invitations.issue(caller, place, requests, {
      whenPending: 'resend-if-changed',
      dryRun,
    });
    const results = [...ended.map(failed), ...rows.map((row, index) => resultOf(row, outcomes[index]))];
    return { results: results.sort((a, b) => a.index - b.index) };
  }
}

function requestOf({ request }: Row, namesProjectsByKey: boolean): InviteRequest {
  const { role, projects = [], ...fields } = request;
  if (!namesProjectsByKey) return { ...fields, grants: { role, projects } };
  const mentions = {
    roles: [role, ...projects.map((grant) => grant.role)],
    projects: projects.map(({ projectId }) => projectId),
  };
  return { ...fields, mentions, grants: (catalogue) => withProjectIds({ role, projects }, catalogue) };
}

/** Turns keys of projects, ids or `externalId`s, into ids. */
function withProjectIds(
  { role, projects }: { role: string; projects: { projectId: string; role: string }[] },
  catalogue: Catalogue,
): GrantNames | HttpException {
  const named: { projectId: string; role: string }[] = [];
  for (const grant of projects) {
    const [project, ...others] = catalogue.projectsCalled(grant.projectId);
    if (!project) return projectNotFound(grant.projectId);
    if (others.length > 0) {
      return invalid('projects', `projects: ${grant.projectId} names more than one project. Name it by its id`);
    }
    if (named.some(({ projectId }) => projectId === project.id)) {
      return invalid('projects', `projects: ${grant.projectId} is named twice`);
    }
    named.push({ projectId: project.id, role: grant.role });
  }
  return { role, projects: named };
}

const failed = ({ index, email, refusal }: Ended): BulkResultDto => ({
  index,
  email,
  outcome: 'failed',
  problem: membersOf(refusal),
});

const resultOf = ({ index, email }: Row, { kind, problem, invitation }: Outcome): BulkResultDto => ({
  index,
  email,
  outcome: OUTCOMES[kind],
  ...(invitation ? { invitation } : {}),
  ...(problem ? { problem: membersOf(problem) } : {}),
});
