import { Injectable } from '@nestjs/common';
import { invalid, problem } from '@usher/http';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { Caller, NamedPlace, Place } from '../../access/caller.js';
import { type Permission, PLATFORM_ROLE_PERMISSIONS } from '../../access/permissions.js';
import { PlaceGate } from '../../access/place-gate.js';
import { organisationPlace, platformPlace } from '../../invitations/grants.js';
import type { ActivepiecesInviteDto, ActivepiecesListQuery } from './activepieces.dto.js';

/** Finds the place that a body or a query names, and asks there what the guard asks of a path. */
@Injectable()
export class ActivepiecesPlaces {
  constructor(private readonly gate: PlaceGate) {}

  async toInvite(request: FastifyRequest, caller: Caller, { type, projectId }: ActivepiecesInviteDto): Promise<Place> {
    if (type === 'PLATFORM') return this.ofPlatform(request, caller, 'users:manage');
    return this.inProject(request, projectId ?? '', 'project-invitations:manage');
  }

  async toList(request: FastifyRequest, caller: Caller, { type, projectId }: ActivepiecesListQuery): Promise<Place> {
    if (type === 'PLATFORM') return this.ofPlatform(request, caller, 'users:read');
    if (projectId) return this.inProject(request, projectId, 'project-invitations:read');
    return this.inAllProjects(request, caller);
  }

  private ofPlatform(request: FastifyRequest, { platformRole }: Caller, permission: Permission): Place {
    request.wanted = permission;
    if (!PLATFORM_ROLE_PERMISSIONS[platformRole].includes(permission)) {
      throw problem(403, 'forbidden', `This needs the permission ${permission}, which your platform role lacks.`);
    }
    return platformPlace;
  }

  private inProject(request: FastifyRequest, id: string, permission: Permission): Promise<Place> {
    return this.gate.enter(request, { parameter: 'projectId', id }, permission);
  }

  /** A key of an organisation names the place by itself. */
  private async inAllProjects(request: FastifyRequest, caller: Caller): Promise<Place> {
    const id = caller.type === 'api_key' ? caller.organisationId : null;
    if (!id) throw invalid('projectId', 'projectId must name the project');
    await this.gate.enter(request, { parameter: 'organisationId', id }, 'invitations:read');
    return organisationPlace(id);
  }
}

/** The project of a body or a query; null when it names none. */
export function projectNamedIn(said: unknown): NamedPlace | null {
  const { type, projectId } = (said ?? {}) as Record<string, unknown>; // as: only read, may be missing
  if (type === 'PLATFORM' || !isUUID(projectId)) return null;
  return { parameter: 'projectId', id: String(projectId).toLowerCase() };
}
