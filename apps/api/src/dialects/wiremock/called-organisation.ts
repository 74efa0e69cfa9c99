import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The organisation that the path names, and the word by which it does: links in answers use the same one. */
export interface CalledOrganisation {
  id: string;
  calledAs: string;
}

/** `request.params` has the word in lower case, the address as it was sent: `/v1/organisations/{word}/…`. */
export const Called = createParamDecorator((_data: unknown, context: ExecutionContext): CalledOrganisation => {
  const { place, url } = context.switchToHttp().getRequest<FastifyRequest>();
  const id = place?.organisationId;
  if (!id) throw new Error('This route names no organisation');
  const [, , , calledAs = id] = url.split('/');
  return { id, calledAs };
});
