import { HttpException } from '@nestjs/common';

/** One invalid field of a request. */
export interface InvalidField {
  /** RFC 6901 pointer as a URI fragment, such as `#/projects/0/role`; parameters of the path and query are named like fields. */
  pointer: string;
  /** What is wrong, and what to do. */
  detail: string;
}

/**
 * A refusal, answered as RFC 9457 `application/problem+json`.
 * `code` is the stable word that clients act on, `detail` says what to do next, `extras` are further members of the answer.
 */
export function problem(status: number, code: string, detail: string, extras: object = {}): HttpException {
  return new HttpException({ detail, ...extras }, status, { errorCode: code });
}

/** A 400 that names one field. */
export const invalid = (field: string, detail: string): HttpException =>
  invalidFields([{ pointer: `#/${field}`, detail }]);

/** More tell nobody anything. */
const MOST_ERRORS = 100;

export function invalidFields(errors: InvalidField[]): HttpException {
  const named = errors.slice(0, 5).map((error) => error.pointer.slice(2) || 'the body');
  const fields = [...named, ...(errors.length > named.length ? ['…'] : [])].join(', ');
  const detail = `The request is not valid: see ${fields}.`;
  return problem(400, 'validation_failed', detail, { errors: errors.slice(0, MOST_ERRORS) });
}
