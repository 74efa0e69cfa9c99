import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { invalidFields } from './problem.js';
import { toleratesUnknown } from './tolerates-unknown.js';

/** How Nest records a `@Query()` parameter of a handler: `4:` and its position. */
const QUERY_PARAMETER = /^4:/;

/** Refuses a query on routes that take none; routes that take one check it against its DTO. */
@Injectable()
export class UnknownQueryInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const keys = Object.keys(context.switchToHttp().getRequest<FastifyRequest>().query ?? {});
    if (keys.length > 0 && !takesQuery(context) && !toleratesUnknown(context.getClass())) {
      throw invalidFields(
        keys.map((key) => ({ pointer: `#/${key}`, detail: `${key} is not a parameter of this request` })),
      );
    }
    return next.handle();
  }
}

function takesQuery(context: ExecutionContext): boolean {
  const metadata: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  return Object.keys(metadata ?? {}).some((parameter) => QUERY_PARAMETER.test(parameter));
}
