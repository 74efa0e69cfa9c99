import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Caller, NamedPlace, Place } from './caller.js';
import type { Permission } from './permissions.js';

export const ACCESS_RULE = 'access rule';

/**
 * Whose credential a route takes: `person` refuses keys of organisations and of the platform, `session` every API key.
 */
export type CredentialOf = 'anyone' | 'person' | 'session';

/** What a route asks of its caller. */
export type AccessRule = { of: CredentialOf } & (
  { kind: 'permission'; permission: Permission } | { kind: 'signed-in' } | { kind: 'public' }
);

const declare = (rule: AccessRule): MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, rule),
    ...(rule.of === 'anyone' ? [] : [ApiExtension('x-credential-of', rule.of)]),
  );
const withCredential = (rule: AccessRule): MethodDecorator => applyDecorators(declare(rule), ApiBearerAuth('bearer'));

/**
 * Callers who hold the permission at the place that the path names: the platform, an organisation, a project, or where
 * an invitation was issued.
 */
export const RequirePermission = (permission: Permission): MethodDecorator =>
  applyDecorators(
    withCredential({ kind: 'permission', permission, of: 'anyone' }),
    ApiExtension('x-permission', permission),
  );

/**
 * Anyone with a valid credential; where the path names an organisation, any member of it. The route sees to the rest.
 */
export const SignedIn = (of: CredentialOf = 'anyone'): MethodDecorator => withCredential({ kind: 'signed-in', of });

/** Everyone. A valid credential is still recognised; `session` refuses an API key that is sent along. */
export const Public = (of: CredentialOf = 'anyone'): MethodDecorator => declare({ kind: 'public', of });

/**
 * Finds the place that a request names elsewhere than in its path; null for what names none. Nobody has validated the
 * request yet.
 */
export type FindPlace = (request: FastifyRequest) => NamedPlace | null;

export const PLACE_NAMED_BY = 'place named by';

/** Beside `@SignedIn()`: the guard finds the place together with the caller, and `PlaceGate` lets in. */
export const PlaceNamedBy = (find: FindPlace): MethodDecorator => SetMetadata(PLACE_NAMED_BY, find);

/** The caller; on public routes undefined without a valid credential. A `Person` where the route takes only persons. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | undefined =>
    context.switchToHttp().getRequest<FastifyRequest>().caller,
);

/** Where the route acts, as its path says. */
export const CurrentPlace = createParamDecorator((_data: unknown, context: ExecutionContext): Place => {
  const { place } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!place) throw new Error('This route names no place');
  return place;
});

/** The uuid of the organisation that the path names, also when the path had the short id. */
export const CurrentOrganisation = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { place } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!place?.organisationId) throw new Error('This route names no organisation');
  return place.organisationId;
});
