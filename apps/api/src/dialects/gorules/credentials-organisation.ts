import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension, ApiQuery } from '@nestjs/swagger';
import { invalid } from '@usher/http';
import type { FastifyRequest } from 'fastify';
import { type FindPlace, PlaceNamedBy } from '../../access/access.decorators.js';
import type { Permission } from '../../access/permissions.js';
import { PlaceGate } from '../../access/place-gate.js';
import { isIdOf } from '../../access/short-id.js';

const WANTED = 'permissions in the organisation of the credential';

/** Asks for permissions in the organisation of the credential before the body is looked at, as the guard does where a path names the place. */
@Injectable()
export class CredentialsOrganisation implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly gate: PlaceGate,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const scope = { parameter: 'organisationId' as const, id: organisationOf(request) };
    const wanted = this.reflector.get<Permission[]>(WANTED, context.getHandler());
    for (const permission of wanted) await this.gate.enter(request, scope, permission);
    return true;
  }
}

/** The one in the query, or else the credential's own. */
const placeNamedBy: FindPlace = (request) => {
  const { organisationId } = request.query as { organisationId?: unknown }; // as: only read, may be missing
  if (organisationId === undefined) return 'own';
  const id = typeof organisationId === 'string' ? organisationId.toLowerCase() : '';
  return isIdOf('organisationId', id) ? { parameter: 'organisationId', id } : null;
};

function organisationOf({ namedPlace }: FastifyRequest): string {
  const id = namedPlace?.place === 'own' ? namedPlace.access.organisationId : namedPlace?.place.id;
  if (id) return id;
  const detail = 'organisationId must be an id in the query: your credential belongs to no single organisation';
  throw invalid('organisationId', detail);
}

/** Callers who hold all of these in the organisation of their credential; beside `@SignedIn()`. */
export const InCredentialsOrganisation = (...permissions: [Permission, ...Permission[]]): MethodDecorator =>
  applyDecorators(
    SetMetadata(WANTED, permissions),
    PlaceNamedBy(placeNamedBy),
    UseGuards(CredentialsOrganisation),
    ApiExtension('x-permission', permissions[0]),
    ApiQuery({
      name: 'organisationId',
      required: false,
      schema: { type: 'string' },
      description:
        'Id or short id; needed only where the credential belongs to no single organisation, as the key of a platform does.',
    }),
  );
