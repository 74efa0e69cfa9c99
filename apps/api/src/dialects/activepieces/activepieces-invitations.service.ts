import { Injectable } from '@nestjs/common';
import { problem } from '@usher/http';
import type { Caller, Person } from '../../access/caller.js';
import { AcceptanceService } from '../../invitations/acceptance.service.js';
import type { InvitationPlace } from '../../invitations/grants.js';
import { InvitationChangesService } from '../../invitations/invitation-changes.service.js';
import { InvitationReader } from '../../invitations/invitation-reader.js';
import { InvitationUpsertsService } from '../../invitations/invitation-upserts.service.js';
import type { InvitationDto } from '../../invitations/invitation.dto.js';
import { RolesService } from '../../organisations/roles.service.js';
import { PlatformService } from '../../platform/platform.service.js';
import { ProjectsService } from '../../projects/projects.service.js';
import { ACTIVEPIECES_TYPES } from './activepieces.dto.js';
import type { ActivepiecesInvitationDto, ActivepiecesInvitationListDto } from './activepieces.dto.js';
import type { ActivepiecesInviteDto, ActivepiecesListQuery } from './activepieces.dto.js';
import { toActivepieces } from './activepieces.mapping.js';

/** Translates between Activepieces' user invitations and Usher's. */
@Injectable()
export class ActivepiecesInvitationsService {
  constructor(
    private readonly upserts: InvitationUpsertsService,
    private readonly changes: InvitationChangesService,
    private readonly reader: InvitationReader,
    private readonly acceptances: AcceptanceService,
    private readonly platform: PlatformService,
    private readonly projects: ProjectsService,
    private readonly roles: RolesService,
  ) {}

  async invite(
    caller: Caller,
    place: InvitationPlace,
    { email, platformRole, projectRole }: ActivepiecesInviteDto,
  ): Promise<ActivepiecesInvitationDto> {
    const role = place.type === 'PROJECT' ? await this.roleCalled(place, projectRole ?? '') : undefined;
    const issued = await this.upserts.upsert(caller, place, { email, platformRole, role });
    return this.presentOne(await this.reader.issued(issued));
  }

  async list(place: InvitationPlace, query: ActivepiecesListQuery): Promise<ActivepiecesInvitationListDto> {
    const { type, status = 'PENDING', limit, cursor } = query;
    const { data, nextCursor } = await this.reader.list(place, { type, status, limit, cursor });
    return { data: await this.present(data), next: nextCursor, previous: null };
  }

  /** 404 for what the lists never show; one that was accepted has ended, 409. */
  async revoke(caller: Caller, id: string): Promise<void> {
    const { type, status } = await this.reader.get(id);
    if (type === 'ORGANISATION' || !['PENDING', 'ACCEPTED'].includes(status)) {
      throw problem(404, 'not_found', 'There is no such user invitation.');
    }
    await this.changes.revoke(caller, id);
  }

  async accept(caller: Person | undefined, token: string): Promise<ActivepiecesInvitationDto> {
    const id = await this.acceptances.acceptByToken(caller, token, ACTIVEPIECES_TYPES);
    return this.presentOne(await this.reader.get(id));
  }

  /** The id of the role that is called so; what nothing is called is left for the core to refuse, in its turn. */
  private async roleCalled({ id, organisationId }: InvitationPlace, name: string): Promise<string> {
    const { kind: projectKind } = await this.projects.get(id);
    const role = await this.roles.called(organisationId ?? '', { scope: 'PROJECT', projectKind, name });
    return role?.id ?? name;
  }

  private async presentOne(invitation: InvitationDto): Promise<ActivepiecesInvitationDto> {
    const [presented] = await this.present([invitation]);
    return presented;
  }

  private async present(invitations: InvitationDto[]): Promise<ActivepiecesInvitationDto[]> {
    const platform = await this.platform.settings();
    const ids = invitations.flatMap(({ projects }) => projects.map(({ role }) => role.id));
    const roles = await this.roles.withIds([...new Set(ids)]);
    return invitations.map((invitation) => toActivepieces(invitation, { platform, roles }));
  }
}
