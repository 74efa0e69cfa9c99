import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import { invalidFields } from './problem.js';
import { toleratesUnknown } from './tolerates-unknown.js';

/** How Nest records a `@Query()` parameter of a handler: `4:` and its position. */
const QUERY_PARAMETER = /^4:/;

/**
 * Refuses a query on routes that take none; routes that take one check it against its DTO. No interceptor: where a route has
 * none, Nest calls its handler without the observables that are a tenth of a short request's work.
 */
@Injectable()
export class UnknownQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const keys = Object.keys(context.switchToHttp().getRequest<FastifyRequest>().query ?? {});
    if (keys.length > 0 && !takesQuery(context) && !toleratesUnknown(context.getClass())) {
      throw invalidFields(
        keys.map((key) => ({ pointer: `#/${key}`, detail: `${key} is not a parameter of this request` })),
      );
    }
    return true;
  }
}

function takesQuery(context: ExecutionContext): boolean {
  const metadata: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  return Object.keys(metadata ?? {}).some((parameter) => QUERY_PARAMETER.test(parameter));
}
