import { STATUS_CODES } from 'node:http';
import type { ExampleObject, HeadersObject, ReferenceObject, ResponseObject, ResponsesObject } from '@nestjs/swagger';
import { type DescribedOperation, problemsOf } from './operation-facts.js';
import { type ProblemCode, PROBLEMS } from './problems.js';

const DESCRIPTIONS: Record<string, string> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Taken; the answer tells nothing more.',
  204: 'Done; there is nothing to say.',
};

const to = (kind: string, name: string): ReferenceObject => ({ $ref: `#/components/${kind}/${name}` });

/** Headers that answers share. */
export const HEADERS: HeadersObject = {
  'X-Request-Id': { description: 'Finds the request in the logs.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait before asking again.', schema: { type: 'integer', minimum: 1 } },
  'WWW-Authenticate': { description: 'Always `Bearer`.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` when this is the first answer again.',
    schema: { type: 'string', enum: ['true'] },
  },
};

/** One example of every problem, to be referred to. */
export const PROBLEM_EXAMPLES: Record<string, ExampleObject> = Object.fromEntries(
  Object.entries(PROBLEMS).map(([code, { status, ...members }]) => [
    code,
    {
      summary: code,
      value: {
        type: 'about:blank',
        title: STATUS_CODES[status],
        status,
        code,
        ...members,
        requestId: '0b9f6a52-5d0e-4c57-9a53-1d8a5c0f7e21',
      },
    },
  ]),
);

/** Every refusal of some operation, to be referred to, by its status and codes. */
export type Refusals = Map<string, ResponseObject>;

/** All answers of an operation: the success, and by status a reference to its refusals, which are added to `shared`. */
export function answersOf(described: DescribedOperation, shared: Refusals): ResponsesObject {
  const [status, success] = Object.entries(described.operation.responses)[0];
  const isIdempotent = described.parameters.some((parameter) => parameter.name === 'Idempotency-Key');
  const headers = headersNamed('X-Request-Id', ...(isIdempotent ? ['Idempotency-Replayed'] : []));
  const { content } = success as ResponseObject; // as: good answers are written in place
  const all = { ...content, ...described.notes.alternatives };
  const good = { ...success, description: DESCRIPTIONS[status], headers, ...(content ? { content: all } : {}) };
  return { [status]: good, ...(described.notes.refusals ?? refusals(problemsOf(described), shared)) };
}

function refusals(codes: ProblemCode[], shared: Refusals): Record<string, ReferenceObject> {
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const among = codes.filter((code) => PROBLEMS[code].status === status).toSorted();
      const name = [STATUS_CODES[status]?.replace(/\W/g, ''), ...among].join('.');
      shared.set(name, refusal(status, among));
      return [status, to('responses', name)];
    }),
  );
}

function refusal(status: number, codes: ProblemCode[]): ResponseObject {
  const examples = Object.fromEntries(codes.map((code) => [code, to('examples', code)]));
  return {
    description: `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    headers: headersNamed('X-Request-Id', ...(EXTRA_HEADERS[status] ?? [])),
    content: { 'application/problem+json': { schema: to('schemas', 'Problem'), examples } },
  };
}

const EXTRA_HEADERS: Record<number, string[]> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

const headersNamed = (...names: string[]): HeadersObject =>
  Object.fromEntries(names.map((name) => [name, to('headers', name)]));
