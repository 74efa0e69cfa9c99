import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type InvalidField, invalidFields, problem } from './problem.js';
import { UnparsedBody } from './unparsed-body.js';
import { pointerTo, refuseUnreadable } from './unreadable.js';

/** Checks bodies and queries against their DTO; every invalid field is named, unknown fields are refused. */
@Injectable()
export class RequestValidation extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => invalidFields(errors.flatMap((error) => fieldsOf(error, '#'))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') refuseUnlessObject(value);
    if (metadata.type === 'body' || metadata.type === 'query') refuseUnreadable(value);
    return super.transform(value, metadata);
  }
}

function refuseUnlessObject(body: unknown): void {
  if (body instanceof UnparsedBody) throw problem(400, 'malformed_json', 'The body is not valid JSON.');
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (body !== undefined && !isObject) {
    throw invalidFields([{ pointer: '#', detail: 'The body must be a JSON object.' }]);
  }
}

function fieldsOf(error: ValidationError, parent: string): InvalidField[] {
  const pointer = pointerTo(parent, error.property);
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    pointer,
    detail: rule === 'whitelistValidation' ? `${error.property} is not a field of this request` : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldsOf(child, pointer))];
}
