import { Injectable } from '@nestjs/common';
import { invalid, problem } from '@usher/http';
import { isUUID } from 'class-validator';
import type { Caller } from '../../access/caller.js';
import type { InvitationPlace } from '../../invitations/grants.js';
import { InvitationChangesService } from '../../invitations/invitation-changes.service.js';
import { InvitationReader } from '../../invitations/invitation-reader.js';
import { InvitationUpsertsService } from '../../invitations/invitation-upserts.service.js';
import type { InvitationDto } from '../../invitations/invitation.dto.js';
import { MembersService } from '../../organisations/members.service.js';
import { ProjectsService } from '../../projects/projects.service.js';
import type { CalledOrganisation } from './called-organisation.js';
import { WiremockInvitationDataDto, type WiremockInviteDto } from './wiremock-invitation.dto.js';
import { readRole, type WiremockRole } from './wiremock-role.js';

/** WireMock's lists have no pages. */
const MOST_LISTED = 1_000;

/** Translates between WireMock's invitations and ours; what may be done, the services of the native API decide. */
@Injectable()
export class WiremockInvitationsService {
  constructor(
    private readonly upserts: InvitationUpsertsService,
    private readonly changes: InvitationChangesService,
    private readonly reader: InvitationReader,
    private readonly projects: ProjectsService,
    private readonly members: MembersService,
  ) {}

  async invite(
    caller: Caller,
    organisation: CalledOrganisation,
    invite: WiremockInviteDto,
  ): Promise<WiremockInvitationDataDto> {
    const place = await this.placeOf(organisation.id, invite);
    const { key: role } = readRole(invite.role);
    const issued = await this.upserts.upsert(caller, place, { email: invite.recipientEmailAddress, role });
    const [shown] = await this.present(organisation, [await this.reader.issued(issued)]);
    return shown;
  }

  async list(organisation: CalledOrganisation, q?: string): Promise<WiremockInvitationDataDto[]> {
    const place = { type: 'ORGANISATION', id: organisation.id, organisationId: organisation.id } as const;
    const query = { status: 'PENDING', limit: MOST_LISTED, ...(q ? { q } : {}) } as const;
    const { data } = await this.reader.list(place, query);
    return this.present(organisation, data);
  }

  /** WireMock has no word for how an invitation ended: one that did is not found. */
  async get(organisation: CalledOrganisation, id: string): Promise<WiremockInvitationDataDto> {
    const invitation = await this.find(organisation, id);
    if (invitation.status !== 'PENDING') throw notFound();
    const [shown] = await this.present(organisation, [invitation]);
    return shown;
  }

  async revoke(caller: Caller, organisation: CalledOrganisation, id: string): Promise<void> {
    await this.find(organisation, id);
    await this.changes.revoke(caller, id);
  }

  /** The path names two things; the invitation must be the organisation's. */
  private async find(organisation: CalledOrganisation, id: string): Promise<InvitationDto> {
    const invitation = await this.reader.get(id);
    if (invitation.organisation?.id !== organisation.id) throw notFound();
    return invitation;
  }

  private async placeOf(organisationId: string, { role, aclObjectId }: WiremockInviteDto): Promise<InvitationPlace> {
    const { kind } = readRole(role);
    if (typeof aclObjectId === 'string') return this.projectPlace(organisationId, role, aclObjectId);
    if (kind !== null) throw misfit(`${role} is given in an entity: name it by aclObjectId`);
    return { type: 'ORGANISATION', id: organisationId, organisationId };
  }

  private async projectPlace(organisationId: string, role: WiremockRole, id: string): Promise<InvitationPlace> {
    const { kind } = readRole(role);
    if (kind === null) throw misfit(`${role} is given in the organisation: leave aclObjectId out`);
    const [project] = isUUID(id) ? await this.projects.among(organisationId, [id]) : [];
    if (!project) throw problem(404, 'project_not_found', 'The organisation has no project with this aclObjectId.');
    if (project.kind !== kind) throw misfit(`${role} does not fit: aclObjectId names a ${project.kind}`);
    return { type: 'PROJECT', id: project.id, organisationId };
  }

  private async present(
    { id, calledAs }: CalledOrganisation,
    invitations: InvitationDto[],
  ): Promise<WiremockInvitationDataDto[]> {
    const to = ({ type, projects }: InvitationDto): string[] =>
      type === 'PROJECT' ? projects.map(({ projectId }) => projectId) : [];
    const projects = await this.projects.among(id, invitations.flatMap(to));
    const emails = invitations.map(({ email }) => email);
    const members = await this.members.addressesAmong(id, emails);
    return invitations.map((invitation) => {
      const project = projects.find((candidate) => to(invitation).includes(candidate.id));
      return WiremockInvitationDataDto.from(invitation, {
        kind: project?.kind,
        newUser: !members.has(invitation.email),
        calledAs,
      });
    });
  }
}

const misfit = (detail: string) => invalid('invitation/role', detail);

const notFound = () => problem(404, 'not_found', 'There is nothing here that you may see.');
