import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';
import type { Permission } from './permissions.js';
import type { Reading } from './role-lookup.js';

export const ACCESS_RULE = 'access rule';

/** Whose credential a route takes: `person` refuses keys of organisations and of the platform, `session` every API key. */
export type CredentialOf = 'anyone' | 'person' | 'session';

/** What a route reads together with its caller, which saves a round trip; null: nothing. Nobody has validated the request yet. */
export type ReadAlong = (request: FastifyRequest) => Reading | null;

/** What a route asks of its caller. */
export type AccessRule = { of: CredentialOf; along?: ReadAlong } & (
  { kind: 'permission'; permission: Permission } | { kind: 'signed-in' } | { kind: 'public' }
);

const declare = (rule: AccessRule): MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, rule),
    ...(rule.of === 'anyone' ? [] : [ApiExtension('x-credential-of', rule.of)]),
  );
const withCredential = (rule: AccessRule): MethodDecorator =>
  applyDecorators(declare(rule), ApiBearerAuth('bearer'), ApiSecurity('token'));

/** Callers who hold the permission at the place that the path names: the platform, an organisation, a project, or where an invitation was issued. */
export const RequirePermission = (permission: Permission, along?: ReadAlong): MethodDecorator =>
  applyDecorators(
    withCredential({ kind: 'permission', permission, of: 'anyone', along }),
    ApiExtension('x-permission', permission),
  );

/** Anyone with a valid credential; where the path names an organisation, any member of it. The route sees to the rest. */
export const SignedIn = (of: CredentialOf = 'anyone', along?: ReadAlong): MethodDecorator =>
  withCredential({ kind: 'signed-in', of, along });

/** Everyone. A valid credential is still recognised; `session` refuses an API key that is sent along. */
export const Public = (of: CredentialOf = 'anyone', along?: ReadAlong): MethodDecorator =>
  declare({ kind: 'public', of, along });

/** The caller; on public routes undefined without a valid credential. A `Person` where the route takes only persons. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | undefined =>
    context.switchToHttp().getRequest<FastifyRequest>().caller,
);

/** What was read along with the caller; undefined when nothing was. */
export const FoundAlong = createParamDecorator(
  (_data: unknown, context: ExecutionContext): unknown =>
    context.switchToHttp().getRequest<FastifyRequest>().along ?? undefined,
);

/** The uuid of the organisation that the path names, also when the path had the short id. */
export const CurrentOrganisation = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { place } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!place?.organisationId) throw new Error('This route names no organisation');
  return place.organisationId;
});
