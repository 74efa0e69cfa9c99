import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Place } from './caller.js';
import { credentialOf } from './credential.js';
import type { Permission } from './permissions.js';
import { authorise, enterPlace, nameStaff, notFound } from './place-entry.js';
import { RoleLookup } from './role-lookup.js';
import { isIdOf } from './short-id.js';

/** For routes whose path names no place, as a body or the credential itself does: what the guard asks elsewhere, they ask here. */
@Injectable()
export class PlaceGate {
  constructor(private readonly lookup: RoleLookup) {}

  /** 404 for what does not exist or belongs to strangers, 403 for who is suspended there or lacks the permission. */
  async enter(
    request: FastifyRequest,
    { parameter, id }: { parameter: 'organisationId' | 'projectId' | 'invitationId'; id: string },
    permission: Permission,
  ): Promise<Place> {
    const credential = credentialOf(request.headers.authorization);
    const place = id.toLowerCase();
    const isWellFormed = isIdOf(parameter, place);
    const access = credential && isWellFormed ? await this.lookup.find(credential, { parameter, id: place }) : null;
    if (!access) throw notFound();
    request.wanted = permission;
    enterPlace(request, access, { parameter, id: place, isWellFormed });
    nameStaff(access);
    authorise(access, permission);
    return { type: access.placeType ?? 'PLATFORM', organisationId: access.organisationId, projectId: access.projectId };
  }
}
