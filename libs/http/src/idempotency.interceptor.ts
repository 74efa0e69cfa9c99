import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, type Observable, of } from 'rxjs';
import { Idempotency } from './idempotency.js';
import { invalid } from './problem.js';
import { currentRequest } from './request-context.js';
import { refuseEndless } from './unreadable.js';

const HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Answers a repeated request with the first answer. Refusals are not kept: they changed nothing. */
@Injectable()
class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: Idempotency) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers[HEADER];
    const callerId = currentRequest()?.actor?.id;
    if (key === undefined || !callerId) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw invalid('Idempotency-Key', 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces');
    }
    const { method, url, body } = request;
    refuseEndless(body); // what is nested without end could not be fingerprinted
    const claim = await this.idempotency.claim({ callerId, key, method, url, body });
    if (claim.first) return this.runOnce(claim.id, next);
    void context.switchToHttp().getResponse<FastifyReply>().header('Idempotency-Replayed', 'true');
    return of(claim.answer);
  }

  private runOnce(id: string, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError(async (error: unknown) => {
        await this.idempotency.release(id);
        throw error;
      }),
      concatMap(async (answer: unknown) => {
        await this.idempotency.keep(id, answer);
        return answer;
      }),
    );
  }
}

/** The route may be repeated with the same `Idempotency-Key`: it happens once and is answered alike. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      description: 'Any text of yours: the same key and body within 24 hours gets the first answer again.',
    }),
  );
