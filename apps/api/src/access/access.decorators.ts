import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';
import type { Permission } from './permissions.js';

export const ACCESS_RULE = 'access rule';

/** What a route asks of its caller. */
export type AccessRule = { kind: 'permission'; permission: Permission } | { kind: 'signed-in' } | { kind: 'public' };

const declare = (rule: AccessRule): MethodDecorator => SetMetadata(ACCESS_RULE, rule); // as: never used on classes
const withCredential = (rule: AccessRule): MethodDecorator =>
  applyDecorators(declare(rule), ApiBearerAuth('bearer'), ApiSecurity('token'));

/** Callers who hold the permission at the place that the path names: the platform, an organisation, a project, or where an invitation was issued. */
export const RequirePermission = (permission: Permission): MethodDecorator =>
  applyDecorators(withCredential({ kind: 'permission', permission }), ApiExtension('x-permission', permission));

/** Anyone with a valid credential; where the path names an organisation, any member of it. The route sees to the rest. */
export const SignedIn = (): MethodDecorator => withCredential({ kind: 'signed-in' });

/** Everyone. A valid credential is still recognised. */
export const Public = (): MethodDecorator => declare({ kind: 'public' });

/** The caller; on public routes undefined without a valid credential. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | undefined =>
    context.switchToHttp().getRequest<FastifyRequest>().caller,
);

/** The uuid of the organisation that the path names, also when the path had the short id. */
export const CurrentOrganisation = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { place } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!place?.organisationId) throw new Error('This route names no organisation');
  return place.organisationId;
});
