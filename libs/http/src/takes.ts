import { isUtf8 } from 'node:buffer';
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import { routeConfig } from './route-config.js';
import { complaintAboutMany } from './unreadable.js';
import { UnparsedBody } from './unparsed-body.js';

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route reads itself; they arrive as a `TakenBody`. */
    takes?: string[];
    /** Of values in a JSON body: checking one costs more than sending it. */
    mostValues?: number;
  }
}

/** A body as it was sent, for routes that read it themselves. What it is made of is out of sight of validation. */
export class TakenBody {
  readonly #bytes: Buffer;

  constructor(
    readonly mediaType: string,
    bytes: Buffer,
  ) {
    this.#bytes = bytes;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** By which repeated requests are told from others. */
  toJSON(): string[] {
    return [this.mediaType, this.#bytes.toString('base64')];
  }
}

/**
 * The route takes bodies of these media types too, each as a `TakenBody`; all others answer 415 to them.
 * `application/json` among them hands over JSON as it was sent, instead of parsed.
 */
export const Takes = (...mediaTypes: string[]): MethodDecorator => routeConfig({ takes: mediaTypes });

/** The media types that a route understands, for those who sent another. */
export const takenBy = (request: FastifyRequest): string[] => [
  ...new Set(['application/json', ...(request.routeOptions.config.takes ?? [])]),
];

/** The body as the route asked for it; null when it did not. */
export function taken(request: FastifyRequest, bytes: Buffer): TakenBody | null {
  const { mediaType } = request;
  if (!mediaType || !request.routeOptions.config.takes?.includes(mediaType)) return null;
  return new TakenBody(mediaType, bytes);
}

/** Bodies are JSON, missing, or what the route says that it takes; in UTF-8. */
export function readBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const unread = taken(request, bytes);
    if (saysOtherCharset(request)) done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
    else if (unread) done(null, unread);
    else if (bytes.length === 0 || request.is404) done(null, undefined);
    else if (!isUtf8(bytes)) done(null, new UnparsedBody('The body is not valid UTF-8. Write JSON in UTF-8.'));
    // Fastify's own parser refuses `__proto__`; what it refuses is answered where bodies are checked.
    else
      void parse(request, bytes.toString(), (error, parsed) =>
        done(null, error ? new UnparsedBody() : counted(request, parsed)),
      );
  });
  server.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = saysOtherCharset(request) ? null : taken(request, bytes);
    done(body || request.is404 ? null : new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(), body);
  });
}

function counted(request: FastifyRequest, body: unknown): unknown {
  const { mostValues } = request.routeOptions.config;
  const detail = mostValues === undefined ? null : complaintAboutMany(body, mostValues);
  return detail === null ? body : new UnparsedBody(detail);
}

/** Than UTF-8, which ASCII is, too. */
export function saysOtherCharset({ headers }: FastifyRequest): boolean {
  const [, charset] = CHARSET.exec(headers['content-type'] ?? '') ?? [];
  return charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset);
}
