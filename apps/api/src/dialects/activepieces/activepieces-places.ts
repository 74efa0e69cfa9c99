import { Injectable } from '@nestjs/common';
import { invalid, problem } from '@usher/http';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../access/caller.js';
import { type Permission, PLATFORM_ROLE_PERMISSIONS } from '../../access/permissions.js';
import { PlaceGate } from '../../access/place-gate.js';
import type { InvitationPlace } from '../../invitations/grants.js';
import { PlatformService } from '../../platform/platform.service.js';
import type { ActivepiecesInviteDto, ActivepiecesListQuery } from './activepieces.dto.js';

/** Finds the place that a body or a query names, and asks there what the guard asks of a path. */
@Injectable()
export class ActivepiecesPlaces {
  constructor(
    private readonly gate: PlaceGate,
    private readonly platform: PlatformService,
  ) {}

  toInvite(request: FastifyRequest, caller: Caller, { type, projectId }: ActivepiecesInviteDto) {
    if (type === 'PLATFORM') return this.ofPlatform(request, caller, 'users:manage');
    return this.inProject(request, projectId ?? '', 'project-invitations:manage');
  }

  async toList(
    request: FastifyRequest,
    caller: Caller,
    { type, projectId }: ActivepiecesListQuery,
  ): Promise<InvitationPlace> {
    if (type === 'PLATFORM') return this.ofPlatform(request, caller, 'users:read');
    if (projectId) return this.inProject(request, projectId, 'project-invitations:read');
    return this.inAllProjects(request, caller);
  }

  private async ofPlatform(
    request: FastifyRequest,
    { platformRole }: Caller,
    permission: Permission,
  ): Promise<InvitationPlace> {
    request.wanted = permission;
    if (!PLATFORM_ROLE_PERMISSIONS[platformRole].includes(permission)) {
      throw problem(403, 'forbidden', `This needs the permission ${permission}, which your platform role lacks.`);
    }
    const { id } = await this.platform.settings();
    return { type: 'PLATFORM', id, organisationId: null };
  }

  private async inProject(request: FastifyRequest, id: string, permission: Permission): Promise<InvitationPlace> {
    const { organisationId, projectId } = await this.gate.enter(request, { parameter: 'projectId', id }, permission);
    return { type: 'PROJECT', id: projectId ?? id, organisationId };
  }

  /** A key of an organisation names the place by itself. */
  private async inAllProjects(request: FastifyRequest, caller: Caller): Promise<InvitationPlace> {
    const id = caller.type === 'api_key' ? caller.organisationId : null;
    if (!id) throw invalid('projectId', 'projectId must name the project');
    await this.gate.enter(request, { parameter: 'organisationId', id }, 'invitations:read');
    return { type: 'ORGANISATION', id, organisationId: id };
  }
}
