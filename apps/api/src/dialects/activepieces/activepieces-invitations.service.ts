import { Injectable } from '@nestjs/common';
import { problem } from '@usher/http';
import type { Caller, Person, Place } from '../../access/caller.js';
import { AcceptInvitation } from '../../invitations/accept/accept-invitation.js';
import { EndInvitations } from '../../invitations/end/end-invitations.js';
import { rolesIn } from '../../invitations/grants.js';
import { InvitationViewRepository } from '../../invitations/invitation-view.repository.js';
import type { InvitationDto } from '../../invitations/invitation.dto.js';
import { IssueInvitations } from '../../invitations/issue/issue-invitations.js';
import type { InviteRequest } from '../../invitations/issue/issue-request.js';
import { roleCalled } from '../../organisations/roles.service.js';
import { ACTIVEPIECES_TYPES } from './activepieces.dto.js';
import type { ActivepiecesInvitationDto, ActivepiecesInvitationListDto } from './activepieces.dto.js';
import type { ActivepiecesInviteDto, ActivepiecesListQuery } from './activepieces.dto.js';
import { toActivepieces } from './activepieces.mapping.js';
import { ActivepiecesRepository } from './activepieces.repository.js';

/** Translates between Activepieces' user invitations and Usher's. */
@Injectable()
export class ActivepiecesInvitationsService {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly acceptances: AcceptInvitation,
    private readonly ends: EndInvitations,
    private readonly reader: InvitationViewRepository,
    private readonly repository: ActivepiecesRepository,
  ) {}

  async invite(caller: Caller, place: Place, invitation: ActivepiecesInviteDto): Promise<ActivepiecesInvitationDto> {
    const request = requestOf(place, invitation);
    const issued = await this.invitations.issueOne(caller, place, request, { whenPending: 'resend' });
    return toActivepieces(issued.invitation, { platform: issued.context.platform, roles: rolesIn(issued.grants) });
  }

  async list(place: Place, query: ActivepiecesListQuery): Promise<ActivepiecesInvitationListDto> {
    const { type, status = 'PENDING', limit, cursor } = query;
    // In an organisation all its projects are meant; elsewhere the place says the type.
    const ofType = place.type === 'ORGANISATION' ? { type } : {};
    const { data, nextCursor } = await this.reader.list(place, { ...ofType, status, limit, cursor });
    return { data: await this.present(data), next: nextCursor, previous: null };
  }

  /** 404 for what the lists never show; one that was accepted has ended, 409. */
  async revoke(caller: Caller, place: Place, id: string): Promise<void> {
    const { type, status } = await this.reader.get(id);
    if (type === 'ORGANISATION' || !['PENDING', 'ACCEPTED'].includes(status)) {
      throw problem(404, 'not_found', 'There is no such user invitation.');
    }
    await this.ends.revoke(caller, place, id);
  }

  async accept(caller: Person | undefined, token: string): Promise<ActivepiecesInvitationDto> {
    const { invitation, platform, grants } = await this.acceptances.acceptByToken(caller, token, ACTIVEPIECES_TYPES);
    return toActivepieces(invitation, { platform, roles: rolesIn(grants) });
  }

  private async present(invitations: InvitationDto[]): Promise<ActivepiecesInvitationDto[]> {
    const ids = invitations.flatMap(({ projects }) => projects.map(({ role }) => role.id));
    const beside = await this.repository.beside([...new Set(ids)]);
    return invitations.map((invitation) => toActivepieces(invitation, beside));
  }
}

/** A role is called by its key or its name; what nothing is called is left to be refused in its turn. */
function requestOf(
  { projectId }: Place,
  { email, platformRole, projectRole = '' }: ActivepiecesInviteDto,
): InviteRequest {
  if (projectId === null) return { email, grants: { platformRole } };
  return {
    email,
    mentions: { roles: 'all', projects: [projectId] },
    grants: ({ roles, projects }) => {
      const projectKind = projects.get(projectId)?.kind ?? null;
      const role = roleCalled(roles, { scope: 'PROJECT', projectKind, name: projectRole });
      return { role: role?.id ?? projectRole };
    },
  };
}
