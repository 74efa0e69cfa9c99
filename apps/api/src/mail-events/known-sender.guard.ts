import { createHmac } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, NotFoundException } from '@nestjs/common';
import { Configuration, isSameSecret } from '@usher/config';
import { DatabaseClock } from '@usher/database';
import { clientKey, problem, type TakenBody, Throttle, type ThrottleRule } from '@usher/http';
import type { FastifyRequest } from 'fastify';

export const SIGNATURE = 'X-Usher-Signature';
const SIGNED = /^t=(\d{1,12}),v1=([\da-f]{64})$/i;
const TOLERANCE_SECONDS = 300;
const PER_CLIENT: ThrottleRule = { name: 'wrong mail event signatures by client', limit: 30, seconds: 60 };

/** Lets in who signs with MAIL_EVENTS_SECRET, or sends it as the password of HTTP Basic. Without the setting there is no such route. */
@Injectable()
export class KnownSender implements CanActivate {
  constructor(
    private readonly configuration: Configuration,
    private readonly clock: DatabaseClock,
    private readonly throttle: Throttle,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Body: TakenBody | undefined }>>();
    const { MAIL_EVENTS_SECRET: secret } = this.configuration;
    if (!secret) throw new NotFoundException(`Cannot POST ${request.url}`);
    if (sendsSecret(request.headers.authorization, secret) || (await this.isSigned(request, secret))) return true;
    await this.throttle.hit(PER_CLIENT, clientKey()); // behind the check: who shares an address with a guesser gets in
    throw problem(401, 'unknown_sender', 'Sign the body with MAIL_EVENTS_SECRET, or send it as the Basic password.');
  }

  /** `t=<Unix seconds>,v1=<hex HMAC-SHA-256 of t, a dot and the body>`, at most 5 minutes old or ahead. */
  private async isSigned({ headers, body }: FastifyRequest<{ Body: TakenBody | undefined }>, secret: string) {
    const [, time, signature] = SIGNED.exec(String(headers[SIGNATURE.toLowerCase()])) ?? [];
    if (!time) return false;
    const expected = createHmac('sha256', secret)
      .update(`${time}.`)
      .update(body?.bytes ?? '')
      .digest('hex');
    return isSameSecret(expected, signature.toLowerCase()) && this.isRecent(Number(time));
  }

  private async isRecent(time: number): Promise<boolean> {
    const now = (await this.clock.now()).getTime() / 1_000;
    return Math.abs(now - time) <= TOLERANCE_SECONDS;
  }
}

function sendsSecret(authorization: string | undefined, secret: string): boolean {
  const [, credentials] = /^Basic +([\w+/=-]+)$/i.exec(authorization ?? '') ?? [];
  if (!credentials) return false;
  const password = Buffer.from(credentials, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
  return isSameSecret(secret, password);
}
