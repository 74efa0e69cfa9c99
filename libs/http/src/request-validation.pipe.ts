import { type ArgumentMetadata, Injectable, ValidationPipe, type ValidationPipeOptions } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type InvalidField, invalidFields, problem } from './problem.js';
import { TakenBody } from './takes.js';
import { toleratesUnknown } from './tolerates-unknown.js';
import { UnparsedBody } from './unparsed-body.js';
import { pointerTo, refuseUnreadable } from './unreadable.js';

const RULES: ValidationPipeOptions = {
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => invalidFields(errors.flatMap((error) => fieldsOf(error, '#'))),
};

/** Checks bodies and queries against their DTO; every invalid field is named, unknown fields are refused. */
@Injectable()
export class RequestValidation extends ValidationPipe {
  private readonly tolerant = new ValidationPipe({ ...RULES, forbidNonWhitelisted: false });

  constructor() {
    super(RULES);
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (value instanceof TakenBody) return value;
    if (metadata.type === 'body') refuseUnlessObject(value);
    if (metadata.type === 'body' || metadata.type === 'query') refuseUnreadable(value);
    return toleratesUnknown(metadata.metatype)
      ? this.tolerant.transform(value, metadata)
      : super.transform(value, metadata);
  }
}

function refuseUnlessObject(body: unknown): void {
  if (body instanceof UnparsedBody) throw problem(400, 'malformed_json', body.detail);
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
