import { Catch } from '@nestjs/common';
import { ProblemFilter, type Refusal, type Said } from '@usher/http';
import type { FastifyRequest } from 'fastify';

/** By the core's code, where the status alone says too little. */
const CODES: Readonly<Record<string, string>> = {
  invitations_not_in_plan: 'FEATURE_DISABLED',
  seat_limit_reached: 'QUOTA_EXCEEDED',
  sign_in_required: 'AUTHENTICATION',
};

const CODES_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'VALIDATION',
  401: 'INVALID_API_KEY',
  404: 'ENTITY_NOT_FOUND',
  409: 'VALIDATION',
  410: 'ENTITY_NOT_FOUND',
  429: 'RATE_LIMIT_EXCEEDED',
};

/** Says no as Activepieces does: `{code, params}`. */
@Catch()
export class ActivepiecesFilter extends ProblemFilter {
  protected override say(refusal: Refusal, _requestId: string, { place }: FastifyRequest): Said {
    const inProject = place !== undefined && place.type !== 'PLATFORM';
    const { status, code, detail } = isUnknownId(refusal) ? UNKNOWN : refusal;
    const forbidden = inProject ? 'PERMISSION_DENIED' : 'AUTHORIZATION';
    const said = status === 403 ? forbidden : (CODES[code] ?? CODES_BY_STATUS[status] ?? 'INTERNAL_ERROR');
    const message = [detail, ...(refusal.errors ?? []).map((error) => error.detail)].join(' ');
    return { status, mediaType: 'application/json; charset=utf-8', body: { code: said, params: { message } } };
  }
}

const UNKNOWN: Refusal = { status: 404, code: 'not_found', detail: 'There is nothing here that you may see.' };

/** Ids are any text there, so one that cannot be ours is merely unknown. */
const isUnknownId = ({ errors = [] }: Refusal): boolean => errors.some(({ pointer }) => pointer === '#/invitationId');
