import { Catch } from '@nestjs/common';
import { ProblemFilter, type Refusal, type Said } from '@usher/http';
import type { FastifyRequest } from 'fastify';

const IDS_OF_THE_PATH = ['#/organisationId', '#/invitationId'];

/** WireMock's ids have five characters or more: one of theirs is well-formed to their clients, and here simply unknown. */
@Catch()
export class WiremockProblemFilter extends ProblemFilter {
  protected override say(refusal: Refusal, requestId: string, request: FastifyRequest): Said {
    const isForeignId = refusal.errors?.some(({ pointer }) => IDS_OF_THE_PATH.includes(pointer));
    return super.say(isForeignId ? UNKNOWN : refusal, requestId, request);
  }
}

const UNKNOWN: Refusal = { status: 404, code: 'not_found', detail: 'There is nothing here that you may see.' };
