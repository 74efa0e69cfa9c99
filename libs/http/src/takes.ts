import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import { routeConfig } from './route-config.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route reads itself; they arrive as a `TakenBody`. */
    takes?: string[];
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
export function taken(request: FastifyRequest, bytes: Buffer | string): TakenBody | null {
  const { mediaType } = request;
  if (!mediaType || !request.routeOptions.config.takes?.includes(mediaType)) return null;
  return new TakenBody(mediaType, Buffer.from(bytes));
}

/** For everything that is not JSON: routes say with `Takes` what they take. */
export function readWhatRoutesTake(server: FastifyInstance): void {
  server.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = taken(request, bytes);
    done(body || request.is404 ? null : new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(), body);
  });
}
