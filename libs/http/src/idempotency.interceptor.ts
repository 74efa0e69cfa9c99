import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, finalize, type Observable, of } from 'rxjs';
import { Idempotency } from './idempotency.js';
import { invalid } from './problem.js';
import { type Claim, currentRequest } from './request-context.js';
import { refuseEndless } from './unreadable.js';

const HEADER = 'idempotency-key';
const IN_PARTS = 'idempotent in parts';
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Answers a repeated request with the first answer. Refusals are not kept: they changed nothing. */
@Injectable()
class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { headers, method, url, body } = context.switchToHttp().getRequest<FastifyRequest>();
    const key = readKey(headers[HEADER]);
    const current = currentRequest();
    const callerId = current?.actor?.id;
    if (key === undefined || !callerId) return next.handle();
    refuseEndless(body); // what is nested without end could not be fingerprinted
    const claim = await this.idempotency.claim({ callerId, key, method, url, body });
    if ('answer' in claim) {
      void context.switchToHttp().getResponse<FastifyReply>().header('Idempotency-Replayed', 'true');
      return of(claim.answer);
    }
    if (!this.reflector.get(IN_PARTS, context.getHandler())) current.claim = claim;
    return this.runOnce(claim, next).pipe(finalize(() => (current.claim = null)));
  }

  private runOnce(claim: Claim, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError(async (error: unknown) => {
        await this.idempotency.release(claim);
        throw error;
      }),
      concatMap(async (answer: unknown) => {
        await this.idempotency.keep(claim, answer);
        return answer;
      }),
    );
  }
}

function readKey(key: string | string[] | undefined): string | undefined {
  if (key === undefined || (typeof key === 'string' && KEY.test(key))) return key;
  throw invalid('Idempotency-Key', 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces');
}

/**
 * The route may be repeated with the same `Idempotency-Key`: it happens once and is answered alike. Its one transaction uses the key up;
 * `inParts`: it has several, and doing again those that are done changes nothing.
 */
export const Idempotent = ({ inParts = false } = {}): MethodDecorator =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    SetMetadata(IN_PARTS, inParts),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      description: 'Any text of yours: the same key and body within 24 hours gets the first answer again.',
    }),
  );
