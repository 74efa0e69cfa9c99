import { AsyncResource } from 'node:async_hooks';
import { Injectable, Logger } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { type Actor, currentRequest, Throttle, type ThrottleRule } from '@usher/http';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Nobody fills the table by asking for what they may not. */
const PER_CALLER: ThrottleRule = { name: 'refused attempts by caller', limit: 60, seconds: 60 };

/** Writes down what callers with a valid credential were refused. It looks at the answer, so every filter's refusals count. */
@Injectable()
export class RefusedAttempts {
  private readonly logger = new Logger(RefusedAttempts.name);

  constructor(
    private readonly throttle: Throttle,
    private readonly audit: Audit,
  ) {}

  /** Before they are told; strangers afterwards, as they would see by the time it takes that there is something. */
  async record(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const actor = currentRequest()?.actor;
    if (!actor || !isRefused(request, reply)) return;
    const write = AsyncResource.bind(() => this.write(request, actor));
    if (request.hiddenPlace) reply.raw.once('close', () => void write());
    else await write();
  }

  /** Never fails: the answer stays what it is. */
  private async write(request: FastifyRequest, actor: Actor): Promise<void> {
    try {
      if (!(await this.throttle.allows(PER_CALLER, String(actor.id)))) return;
      await this.audit.recordRefusal(entryOf(request, actor));
    } catch (error) {
      this.logger.error(`A refused attempt was not written down: ${String(error)}`);
    }
  }
}

/** Forbidden, or hidden from a stranger, whatever a filter makes of that. */
const isRefused = ({ hiddenPlace }: FastifyRequest, { statusCode }: FastifyReply): boolean =>
  statusCode === 403 || hiddenPlace !== undefined;

/** In the audit of the organisation that the caller belongs to or works for; strangers are the platform's concern. */
function entryOf(request: FastifyRequest, actor: Actor): AuditEntry {
  const { method, routeOptions, wanted, place } = request;
  const code = currentRequest()?.refusal ?? null;
  return {
    action: 'access.refused',
    actor,
    tenantId: place?.organisationId ?? null,
    subject: subjectOf(request),
    after: { method, route: routeOptions.url ?? null, code, permission: wanted ?? null },
  };
}

/** What the path's scope id names: `roleId` a role, and so on; the platform when there is none. */
function subjectOf({ params, place, hiddenPlace }: FastifyRequest): AuditEntry['subject'] {
  const scope = Object.entries(params as Record<string, string>).find(([name]) => name.endsWith('Id')); // as: Fastify's parameters are strings by name
  if (!scope) return { type: 'platform', id: null };
  const [name, given] = scope;
  const id = name === 'organisationId' ? (place ?? hiddenPlace)?.organisationId : given.toLowerCase();
  return { type: name.slice(0, -'Id'.length), id: id && isUUID(id) ? id : null };
}
