import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { lowerCased } from '@usher/config';
import { Transform } from 'class-transformer';
import { IsBoolean, IsString, IsUUID, Length, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { INVISIBLE, trimmed } from './text.js';

const WEB_ADDRESS = /(:\/\/|\bwww\.)/i;

/** One line of text that people will read: no line breaks, no invisible or direction marks, no web addresses. Trimmed. */
export const PlainText = (longest: number, shortest = 1): PropertyDecorator =>
  applyDecorators(
    Transform(trimmed),
    plain(longest, shortest, 'one line', (text) => !INVISIBLE.test(text)),
  );

/** As `PlainText`, with line breaks: each becomes LF, and several empty lines become one. */
export const PlainLines = (longest: number): PropertyDecorator =>
  applyDecorators(
    Transform(withPlainBreaks),
    plain(longest, 1, 'text', (text) => !INVISIBLE.test(text.replaceAll('\n', ''))),
  );

const withPlainBreaks = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string'
    ? value
        .trim()
        .replace(/\r\n?/g, '\n')
        .replace(/\n{3,}/g, '\n\n')
    : value;

const plain = (longest: number, shortest: number, what: string, isPlain: (text: string) => boolean) =>
  applyDecorators(
    ApiProperty({ minLength: shortest, maxLength: longest }),
    IsString(),
    Length(shortest, longest),
    Matches(new RegExp(`^(?!.*${WEB_ADDRESS.source})`, 'is'), { message: '$property must not hold a web address' }),
    ValidateBy({
      name: 'isPlainText',
      validator: {
        validate: (value) => typeof value === 'string' && isPlain(value),
        defaultMessage: () => `$property must be ${what} without control or direction characters`,
      },
    }),
  );

/** May be left out; unlike class-validator's `IsOptional`, null is not accepted. */
export const Optional = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** A `true` or `false` of a query. */
export const QueryFlag = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean({ message: '$property must be true or false' }),
  );

/** A UUID in any case, made lower-case: two spellings are one id. */
export const Id = (): PropertyDecorator =>
  applyDecorators(ApiProperty({ format: 'uuid' }), Transform(lowerCased), IsUUID());
