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
import type { Permission } from '../../access/permissions.js';
import { PlaceGate } from '../../access/place-gate.js';
import { isIdOf } from '../../access/short-id.js';
import { MyMembershipsService } from '../../projects/my-memberships.service.js';

const WANTED = 'permissions in the organisation of the credential';

/** Asks for permissions in the organisation of the credential before the body is looked at, as the guard does where a path names the place. */
@Injectable()
export class CredentialsOrganisation implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly gate: PlaceGate,
    private readonly memberships: MyMembershipsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const scope = { parameter: 'organisationId' as const, id: await this.organisationOf(request) };
    const wanted = this.reflector.get<Permission[]>(WANTED, context.getHandler());
    for (const permission of wanted) await this.gate.enter(request, scope, permission);
    return true;
  }

  private async organisationOf(request: FastifyRequest): Promise<string> {
    const { organisationId } = request.query as { organisationId?: unknown }; // as: only read, may be missing
    const id = organisationId ?? (await this.ownOf(request));
    if (typeof id === 'string' && isIdOf('organisationId', id.toLowerCase())) return id;
    const detail = 'organisationId must be an id in the query: your credential belongs to no single organisation';
    throw invalid('organisationId', detail);
  }

  private async ownOf({ caller }: FastifyRequest): Promise<string | null> {
    if (caller?.type === 'api_key') return caller.organisationId;
    return caller ? this.memberships.onlyOrganisation(caller.id) : null;
  }
}

/** Callers who hold all of these in the organisation of their credential; beside `@SignedIn()`. */
export const InCredentialsOrganisation = (...permissions: [Permission, ...Permission[]]): MethodDecorator =>
  applyDecorators(
    SetMetadata(WANTED, permissions),
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
