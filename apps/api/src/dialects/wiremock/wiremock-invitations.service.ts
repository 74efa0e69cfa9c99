import { type HttpException, Injectable } from '@nestjs/common';
import { invalid, problem } from '@usher/http';
import { isUUID } from 'class-validator';
import type { Caller, Place } from '../../access/caller.js';
import { EndInvitations } from '../../invitations/end/end-invitations.js';
import { type GrantNames, organisationPlace, projectPlace } from '../../invitations/grants.js';
import { InvitationViewRepository } from '../../invitations/invitation-view.repository.js';
import type { InvitationDto } from '../../invitations/invitation.dto.js';
import { IssueInvitations } from '../../invitations/issue/issue-invitations.js';
import type { InviteRequest } from '../../invitations/issue/issue-request.js';
import type { Project } from '../../projects/project.entity.js';
import type { CalledOrganisation } from './called-organisation.js';
import { WiremockInvitationDataDto, type WiremockInviteDto } from './wiremock-invitation.dto.js';
import { readRole } from './wiremock-role.js';
import { WiremockRepository } from './wiremock.repository.js';

/** WireMock's lists have no pages. */
const MOST_LISTED = 1_000;

/** Translates between WireMock's invitations and ours; what may be done, the services of the native API decide. */
@Injectable()
export class WiremockInvitationsService {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly ends: EndInvitations,
    private readonly reader: InvitationViewRepository,
    private readonly repository: WiremockRepository,
  ) {}

  async invite(
    caller: Caller,
    { id, calledAs }: CalledOrganisation,
    invite: WiremockInviteDto,
  ): Promise<WiremockInvitationDataDto> {
    const place = placeOf(id, invite);
    const { invitation, grants, context } = await this.invitations.issueOne(caller, place, requestOf(place, invite), {
      whenPending: 'resend',
    });
    return WiremockInvitationDataDto.from(invitation, {
      kind: place.projectId ? grants.projects.at(0)?.project.kind : undefined,
      newUser: !context.people.get(invitation.email)?.status,
      calledAs,
    });
  }

  async list(organisation: CalledOrganisation, q?: string): Promise<WiremockInvitationDataDto[]> {
    const query = { status: 'PENDING', limit: MOST_LISTED, ...(q ? { q } : {}) } as const;
    const { data } = await this.reader.list(organisationPlace(organisation.id), query);
    return this.present(organisation, data);
  }

  /** WireMock has no word for how an invitation ended: one that did is not found. */
  async get(organisation: CalledOrganisation, id: string): Promise<WiremockInvitationDataDto> {
    const invitation = await this.find(organisation, id);
    if (invitation.status !== 'PENDING') throw notFound();
    const [shown] = await this.present(organisation, [invitation]);
    return shown;
  }

  async revoke(caller: Caller, { id: organisationId }: CalledOrganisation, id: string): Promise<void> {
    await this.ends.revoke(caller, organisationPlace(organisationId), id);
  }

  /** The path names two things; the invitation must be the organisation's. */
  private async find(organisation: CalledOrganisation, id: string): Promise<InvitationDto> {
    const invitation = await this.reader.get(id);
    if (invitation.organisation?.id !== organisation.id) throw notFound();
    return invitation;
  }

  private async present(
    { id, calledAs }: CalledOrganisation,
    invitations: InvitationDto[],
  ): Promise<WiremockInvitationDataDto[]> {
    const emails = invitations.map(({ email }) => email);
    const { kinds, members } = await this.repository.beside(id, invitations.flatMap(projectsOf), emails);
    const known = new Set(members);
    return invitations.map((invitation) => {
      const [projectId = ''] = projectsOf(invitation);
      return WiremockInvitationDataDto.from(invitation, {
        kind: kinds[projectId],
        newUser: !known.has(invitation.email),
        calledAs,
      });
    });
  }
}

const projectsOf = ({ type, projects }: InvitationDto): string[] =>
  type === 'PROJECT' ? projects.map(({ projectId }) => projectId) : [];

function placeOf(organisationId: string, { role, aclObjectId }: WiremockInviteDto): Place {
  const { kind } = readRole(role);
  if (typeof aclObjectId !== 'string') {
    if (kind !== null) throw misfit(`${role} is given in an entity: name it by aclObjectId`);
    return organisationPlace(organisationId);
  }
  if (kind === null) throw misfit(`${role} is given in the organisation: leave aclObjectId out`);
  if (!isUUID(aclObjectId)) throw projectNotFound();
  return projectPlace(organisationId, aclObjectId.toLowerCase());
}

function requestOf({ projectId }: Place, { recipientEmailAddress, role }: WiremockInviteDto): InviteRequest {
  const { key } = readRole(role);
  const email = recipientEmailAddress;
  if (projectId === null) return { email, grants: { role: key } };
  const mentions = { roles: [key], projects: [projectId] };
  return { email, mentions, grants: ({ projects }) => grantsIn(projects.get(projectId), role) };
}

/** A role of WireMock's fits one kind of entity. */
function grantsIn(project: Project | undefined, role: WiremockInviteDto['role']): GrantNames | HttpException {
  const { kind, key } = readRole(role);
  if (!project) return projectNotFound();
  if (project.kind !== kind) return misfit(`${role} does not fit: aclObjectId names a ${project.kind}`);
  return { role: key };
}

const projectNotFound = () =>
  problem(404, 'project_not_found', 'The organisation has no project with this aclObjectId.');

const misfit = (detail: string) => invalid('invitation/role', detail);

const notFound = () => problem(404, 'not_found', 'There is nothing here that you may see.');
