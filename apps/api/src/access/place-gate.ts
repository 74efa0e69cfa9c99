import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccessRepository } from './access.repository.js';
import type { Access, Place } from './caller.js';
import { credentialOf } from './credential.js';
import type { Permission } from './permissions.js';
import { authorise, enterPlace, nameStaff, notFound } from './place-entry.js';
import { isIdOf } from './short-id.js';

/** For routes whose path names no place, as a body or the credential itself does: what the guard asks elsewhere, they ask here. */
@Injectable()
export class PlaceGate {
  constructor(private readonly access: AccessRepository) {}

  /** 404 for what does not exist or belongs to strangers, 403 for who is suspended there or lacks the permission. */
  async enter(request: FastifyRequest, { parameter, id }: PlaceById, permission: Permission): Promise<Place> {
    const place = { parameter, id: id.toLowerCase() };
    const isWellFormed = isIdOf(parameter, place.id);
    const access = isWellFormed ? await this.accessTo(request, place) : null;
    if (!access) throw notFound();
    request.wanted = permission;
    enterPlace(request, access, { ...place, isWellFormed });
    nameStaff(access);
    authorise(access, permission);
    return { type: access.placeType ?? 'PLATFORM', organisationId: access.organisationId, projectId: access.projectId };
  }

  /** As the guard found it, where the route told it of the place. */
  private async accessTo({ headers, namedPlace }: FastifyRequest, place: PlaceById): Promise<Access | null> {
    if (namedPlace && isSame(namedPlace, place)) return namedPlace.access;
    const credential = credentialOf(headers.authorization);
    return credential && this.access.find(credential, place);
  }
}

interface PlaceById {
  parameter: 'organisationId' | 'projectId' | 'invitationId';
  id: string;
}

const isSame = ({ place, access }: NonNullable<FastifyRequest['namedPlace']>, { parameter, id }: PlaceById): boolean =>
  place === 'own'
    ? parameter === 'organisationId' && id === access.organisationId
    : place.parameter === parameter && place.id === id;
