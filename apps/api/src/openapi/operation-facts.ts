import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject, ParameterObject } from '@nestjs/swagger';
import type { OperationNotes } from './operation-notes.js';
import { OPERATIONS } from './operations.js';
import type { ProblemCode } from './problems.js';

const PREFIX = '/api/v1';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** An operation of the document, with what its route declares. */
export interface DescribedOperation {
  /** Such as `POST /organisations`. */
  key: string;
  operation: OperationObject;
  parameters: ParameterObject[];
  notes: OperationNotes;
}

/** All operations, in the document's order. */
export function operationsOf(document: OpenAPIObject): DescribedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const key = `${method.toUpperCase()} ${path.replace(PREFIX, '')}`;
      const parameters = (operation.parameters ?? []) as ParameterObject[]; // as: the routes' parameters are written in place
      return [{ key, operation, parameters, notes: OPERATIONS[key] ?? { id: operation.operationId ?? key } }];
    }),
  );
}

/** What the operation may answer: what every route of its kind may, and what its notes add. */
export function problemsOf({ key, operation, parameters, notes }: DescribedOperation): ProblemCode[] {
  const ids = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
  const isClosed = (operation.security ?? []).length > 0;
  const isInPlace =
    isClosed && ids.some((name) => ['organisationId', 'projectId', 'invitationId', 'roleId'].includes(name));
  const isIdempotent = parameters.some((parameter) => parameter.name === 'Idempotency-Key');
  const kinds: [boolean, ProblemCode[]][] = [
    [true, ['validation_failed']],
    [operation.requestBody !== undefined, ['malformed_json', 'body_too_large', 'unsupported_media_type']],
    [isClosed, ['unauthenticated']],
    ['x-permission' in operation, ['forbidden']],
    ['x-credential-of' in operation, ['session_required']],
    [isInPlace, ['membership_suspended', 'organisation_suspended']],
    [ids.length > 0, ['not_found']],
    [
      isIdempotent,
      ['idempotency_key_in_use', 'idempotency_answer_unreadable', 'idempotency_answer_lost', 'idempotency_key_reused'],
    ],
    [!/ \/(healthz|readyz)$/.test(key), ['internal_error', 'database_unavailable']],
    [!/ \/(healthz|readyz|metrics)$/.test(key), ['overloaded']],
    [true, [...(notes.problems ?? [])]],
  ];
  return [...new Set(kinds.flatMap(([applies, codes]) => (applies ? codes : [])))];
}
