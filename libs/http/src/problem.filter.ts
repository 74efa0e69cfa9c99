import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { ConcurrentUpdateError, isDatabaseAway } from '@usher/database';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EntityNotFoundError, QueryFailedError } from 'typeorm';
import { type InvalidField, problem } from './problem.js';
import { nameRefusal } from './request-context.js';
import { saysOtherCharset, takenBy } from './takes.js';

const UNREADABLE_TEXT = ['22021', '22P05'];
/** A foreign key's violation. */
const REFERS_TO_NOTHING = '23503';

/** A refusal before it is put in the words of a wire format; further members as the code brings them. */
export interface Refusal {
  status: number;
  /** The stable word that clients act on. */
  code: string;
  detail: string;
  /** With `validation_failed`. */
  errors?: InvalidField[];
}

/** A refusal as a wire format says it. */
export interface Said {
  status: number;
  mediaType: string;
  body: object;
}

/** Answers every error as problem+json; what is not a refusal is logged and answered without its particulars. Other wire formats extend it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = this.refusalFor(error, request);
    const { retryAfter, ...members } = membersOf(refusal);
    nameRefusal(members.code);
    const { status, mediaType, body } = this.say(members, request.id, request);
    if (retryAfter !== undefined) void reply.header('Retry-After', String(retryAfter));
    if (status === 401) void reply.header('WWW-Authenticate', 'Bearer');
    void reply.status(status).header('Cache-Control', 'no-store').type(mediaType).send(JSON.stringify(body));
  }

  protected say({ status, code, ...members }: Refusal, requestId: string, _request: FastifyRequest): Said {
    const title = STATUS_CODES[status] ?? 'Error';
    const body = { type: 'about:blank', title, status, code, ...members, requestId };
    return { status, mediaType: 'application/problem+json; charset=utf-8', body };
  }

  private refusalFor(error: unknown, request: FastifyRequest): HttpException {
    if (error instanceof HttpException) return fromFastify(error.cause, request) ?? error;
    const known = fromFastify(error, request) ?? fromDatabase(error);
    const what = `${request.method} ${request.routeOptions.url ?? 'unknown route'} failed`;
    if (known?.getStatus() === 503) this.logger.warn(`${what}: ${String(error)}`);
    if (known) return known;
    this.logger.error(what, stackOf(error));
    return problem(
      500,
      'internal_error',
      'Something went wrong here. Try again; if it persists, report the requestId.',
    );
  }
}

/** What a refusal says, in the words that are answered. */
export function membersOf(refusal: HttpException): Refusal & { retryAfter?: number } {
  const status = refusal.getStatus();
  const code = refusal.errorCode ?? (STATUS_CODES[status] ?? 'Error').toLowerCase().replace(/[^a-z]+/g, '_');
  const response = refusal.getResponse();
  const members = refusal.errorCode && typeof response === 'object' ? response : {};
  return { status, code, detail: refusal.message, ...members };
}

/** Errors of the HTTP server itself, before a route was reached. Nest hands them over as the cause of an exception. */
function fromFastify(error: unknown, request: FastifyRequest): HttpException | null {
  const { statusCode = 0 } = (error ?? {}) as { statusCode?: number }; // as: only read, may be missing
  if (statusCode < 400 || statusCode >= 500) return null;
  if (statusCode === 413) {
    const most = inBinaryUnits(request.routeOptions.bodyLimit);
    return problem(413, 'body_too_large', `The body is larger than ${most}. Send less at once.`);
  }
  if (statusCode === 415) {
    const encoding = saysOtherCharset(request) ? ', in UTF-8' : '';
    return problem(415, 'unsupported_media_type', `Send the body as ${takenBy(request).join(' or ')}${encoding}.`);
  }
  return problem(statusCode, 'bad_request', 'The request cannot be read.');
}

const inBinaryUnits = (bytes: number): string =>
  bytes < 1_048_576 ? `${bytes / 1_024} KiB` : `${bytes / 1_048_576} MiB`;

function fromDatabase(error: unknown): HttpException | null {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const { code = '' } = (cause ?? {}) as { code?: string }; // as: only read, may be missing
  if (UNREADABLE_TEXT.includes(code)) {
    return problem(400, 'validation_failed', 'The request holds a character that cannot be stored, such as NUL.');
  }
  if (code === REFERS_TO_NOTHING || error instanceof EntityNotFoundError) {
    return problem(404, 'not_found', 'Something that this request refers to was deleted at this moment.');
  }
  return unavailable(error);
}

function unavailable(error: unknown): HttpException | null {
  if (error instanceof ConcurrentUpdateError) {
    const detail = 'Others are changing the same things at this moment, and nothing was done. Try again shortly.';
    return problem(503, 'overloaded', detail, { retryAfter: 1 });
  }
  if (!isDatabaseAway(error)) return null;
  return problem(503, 'database_unavailable', 'The database does not answer. Try again shortly.', { retryAfter: 5 });
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
